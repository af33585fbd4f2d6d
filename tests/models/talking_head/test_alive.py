"""Measures of life on curves whose answer is known; the ablated models."""

from __future__ import annotations

import numpy as np
import pytest

from genstudio.emotion import Emotion
from genstudio.models.talking_head.ablation import CONDITIONS, Varied, moves
from genstudio.models.talking_head.motion import alive
from genstudio.models.talking_head.motion.model import MotionModel
from genstudio.protocols import Speech
from genstudio.signals.arkit import BLENDSHAPES


def test_the_time_of_a_rise() -> None:
    t = np.arange(0, 8, 1 / 25)
    ramp = np.interp(t, [0, 2, 2.5, 3, 5, 6, 6.5, 8], [0, 0, 1, 0, 0, 0.6, 0, 0]).astype(np.float32)
    assert alive.rises(ramp, 25) == pytest.approx([0.4, 0.8], abs=0.05)
    assert alive.rises(0.1 * ramp, 25) == []


def test_jitter_is_what_is_fast() -> None:
    t = np.arange(0, 20, 1 / 25)
    slow, fast = np.sin(2 * np.pi * 0.5 * t), 0.1 * np.sin(2 * np.pi * 9 * t)
    assert alive.jitter(np.stack([slow, slow], 1), 25) < 0.005
    assert alive.jitter(np.stack([slow + fast, 0 * t], 1), 25) == pytest.approx(0.1 / np.sqrt(2), rel=0.1)


def test_two_sides() -> None:
    rng = np.random.default_rng(0)
    x = np.zeros((500, 52), np.float32)
    left, right = BLENDSHAPES.index("browDownLeft"), BLENDSHAPES.index("browDownRight")
    x[:, left] = rng.random(500)
    x[:, right] = x[:, left] * 0.5
    assert alive.sides(x, "browDown") == pytest.approx(1)
    x[:, right] = rng.random(500)
    assert abs(alive.sides(x, "browDown")) < 0.2


def test_what_is_taken_from_the_model_is_gone() -> None:
    t = np.arange(24_000 * 9) / 24_000
    speech = Speech((0.1 * np.sin(2 * np.pi * 140 * t) * (np.sin(2 * np.pi * 3 * t) > 0)).astype(np.float32), 24_000)
    full = MotionModel.load()
    mean = Varied(full, **CONDITIONS["mean motion"])
    a, b = (mean(speech, Emotion.parse("joy"), seed=k).values for k in (1, 2))
    assert np.array_equal(a, b)
    assert not np.array_equal(*(full(speech, Emotion.parse("joy"), seed=k).values for k in (1, 2)))
    smile = BLENDSHAPES.index("mouthSmileLeft")
    cold = Varied(full, **CONDITIONS["without emotion"])(speech, Emotion.parse("joy"), seed=1).values
    assert a[:, smile].mean() > 0.5 and cold[:, smile].mean() < 0.5 * a[:, smile].mean()
    seam = "step at seams over elsewhere"
    assert moves(Varied(full, memory=False), [], speech)[seam][0] > 1.5 * moves(Varied(full), [], speech)[seam][0]
