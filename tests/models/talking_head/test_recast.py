"""Recipes mended without training, brows that reach, an upper lip that stays on its teeth."""

from __future__ import annotations

import json

import numpy as np
import pytest

from genstudio.emotion import EKMAN, Emotion
from genstudio.models.talking_head.animator import brows, face_model, settle
from genstudio.models.talking_head.animator.turn import MOST, carried
from genstudio.models.talking_head.motion.generator.emotions import ARTICULATION, FACE, MOUTH, RECIPES, expand
from genstudio.models.talking_head.motion.generator.session import lip_gap
from genstudio.models.talking_head.motion.model import WEIGHTS, MotionModel
from genstudio.models.talking_head.motion.recast import Recast, to_text
from genstudio.protocols import Speech
from genstudio.signals.arkit import BLENDSHAPES, CHANNELS
from genstudio.weights import read_tensors

UPPER = FACE & ~MOUTH
LEARNED = read_tensors(WEIGHTS)[1]["recipes"]
TAUGHT = json.loads(LEARNED)["recipes"]


def asked(name: str, strength: float = 1.0, frames: int = 3) -> tuple[np.ndarray, np.ndarray]:
    weights = np.zeros((frames, 7), np.float32)
    weights[:, EKMAN.index(name)] = strength
    weights[:, EKMAN.index("neutral")] += 1 - strength
    return weights, np.ones(frames, np.float32)


def test_weights_say_which_recipes_they_learned() -> None:
    assert set(TAUGHT) == set(EKMAN) == set(json.loads(LEARNED)["poses"])


@pytest.mark.parametrize("name", ["anger", "disgust", "sadness"])
@pytest.mark.parametrize("strength", [0.4, 1.0])
def test_what_was_learned_becomes_what_is_wanted(name: str, strength: float) -> None:
    learned, wanted = strength * expand(TAUGHT[name]), strength * expand(RECIPES[name])
    moved = Recast(LEARNED)(np.tile(learned, (3, 1)), *asked(name, strength), mirrored=False)
    assert np.allclose(moved[0, UPPER], wanted[UPPER], atol=1e-5)
    nearer = np.abs(moved[0] - wanted)[MOUTH].sum() / max(np.abs(learned - wanted)[MOUTH].sum(), 1e-6)
    assert nearer < 0.3  # speech keeps a share of the mouth


def test_a_brow_that_sets_in_late_is_not_pressed_to_rest() -> None:
    """Surprise raises the brow far less than was learned: behind the lids it still shows what the recipe wants."""
    learned, wanted = expand(TAUGHT["surprise"]), expand(RECIPES["surprise"])
    brow = CHANNELS.index("browInnerUp")
    assert wanted[brow] < 0.5 * learned[brow]
    late = learned.copy()
    late[brow] *= 0.5
    moved = Recast(LEARNED)(late[None], *asked("surprise", frames=1), mirrored=False)[0, brow]
    assert 0.8 * wanted[brow] < moved < 1.05 * wanted[brow]


def test_sad_speech_parts_the_lips_further_than_was_learned() -> None:
    spoken = expand(TAUGHT["sadness"]) * UPPER
    jaw, close = CHANNELS.index("jawOpen"), CHANNELS.index("mouthClose")
    spoken[jaw] = 0.1
    shut = spoken.copy()
    shut[close] = 0.1
    moved = Recast(LEARNED)(np.stack([spoken, shut]), *asked("sadness", frames=2), mirrored=False)
    assert moved[0, jaw] == pytest.approx(0.1 * ARTICULATION["sadness"] / 0.78, rel=1e-5) and moved[0, jaw] > 0.12
    assert moved[1, close] == pytest.approx(moved[1, jaw])  # what was shut stays shut
    assert Recast(LEARNED)(spoken[None], *asked("anger", frames=1), mirrored=False)[0, jaw] < 0.12


def test_other_motion_and_present_recipes_are_left_alone() -> None:
    rng = np.random.default_rng(0)
    values = rng.uniform(0, 0.3, (5, 62)).astype(np.float32)
    assert np.array_equal(Recast(LEARNED)(values, *asked("neutral", frames=5), mirrored=True), values)
    assert np.array_equal(Recast(to_text())(values, *asked("anger", frames=5), mirrored=True), values)


def test_sides_change_places_and_lips_still_meet() -> None:
    learned = TAUGHT["disgust"]
    a = Recast(LEARNED)(np.tile(expand(learned), (3, 1)), *asked("disgust"), mirrored=False)[0]
    b = Recast(LEARNED)(np.tile(expand(learned, True), (3, 1)), *asked("disgust"), mirrored=True)[0]
    left, right = CHANNELS.index("noseSneerLeft"), CHANNELS.index("noseSneerRight")
    assert a[left] == pytest.approx(b[right]) and a[left] > a[right]
    closing = expand(TAUGHT["anger"]) * UPPER
    closing[CHANNELS.index("mouthShrugLower")] = 1.0  # the lower lip meets the raised upper one
    assert lip_gap(closing) < 0
    moved = Recast(LEARNED)(np.tile(closing, (3, 1)), *asked("anger"), mirrored=False)
    assert lip_gap(moved)[0] < 0.1


def test_anger_is_in_the_brows_and_disgust_in_the_nose() -> None:
    speech = Speech((0.1 * np.sin(np.arange(36_000) / 25)).astype(np.float32), 24_000)
    mean = {e: MotionModel.load()(speech, Emotion.parse(e), seed=2).values.mean(0) for e in ("anger", "disgust")}
    sneer, brow, pitch = (CHANNELS.index(n) for n in ("noseSneerLeft", "browDownLeft", "headPitch"))
    assert mean["anger"][brow] > 2 * mean["disgust"][brow] and mean["disgust"][sneer] > 2 * mean["disgust"][brow]
    assert mean["anger"][pitch] > mean["disgust"][pitch] + 0.03  # from under the brows


def test_brows_go_down_together_and_stand_oblique() -> None:
    model = face_model.load()
    inner, middle, outer = model.landmarks[[22, 24, 26]]
    down, up = (model.expression[BLENDSHAPES.index(n)] for n in ("browDownLeft", "browInnerUp"))
    # the subject's left brow, x positive: it comes near the other and does not meet it
    assert down[inner, 1] < -0.5 and -0.4 < down[inner, 0] < -0.2
    assert down[outer, 1] > -0.05  # it tips
    assert up[inner, 1] > 0.9 and up[middle, 1] < 0.4 * up[inner, 1] and up[outer, 1] < 0.1
    still = brows.reach(model.neutral, np.zeros_like(model.expression))
    assert np.flatnonzero(np.abs(still).max((1, 2))).tolist() == sorted(
        BLENDSHAPES.index(n) for n in ("browDownLeft", "browDownRight", "browInnerUp")
    )


def test_the_upper_lip_stays_on_its_teeth() -> None:
    lifted = dict.fromkeys(("noseSneerLeft", "noseSneerRight"), 1.1) | dict.fromkeys(
        ("mouthUpperUpLeft", "mouthUpperUpRight"), 1.2
    )
    v = np.zeros(52, np.float32)
    for name, value in lifted.items():
        v[BLENDSHAPES.index(name)] = value
    before = settle._lift() @ v
    settle._limit_lift(v)
    assert (before > 1.6).all() and (settle._lift() @ v < settle.LIFT_MOST + 1e-4).all()
    assert v[BLENDSHAPES.index("noseSneerLeft")] == pytest.approx(1.1)  # the nose stays wrinkled
    small = np.zeros(52, np.float32)
    small[BLENDSHAPES.index("mouthUpperUpLeft")] = 0.5
    kept = small.copy()
    settle._limit_lift(kept)
    assert np.array_equal(kept, small)


def test_turns_are_bounded_without_a_corner() -> None:
    ask = np.deg2rad(np.linspace(-60, 60, 241))
    drawn = np.array([carried(np.full(3, a)) for a in ask])
    assert (np.abs(drawn) <= MOST + 1e-6).all() and (np.diff(drawn, axis=0) >= 0).all()
    assert np.abs(np.diff(drawn, 2, axis=0)).max() < 1e-3 and np.allclose(drawn[120 + 10], ask[120 + 10])
