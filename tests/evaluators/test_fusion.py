"""Late fusion, compounds and agreement of face, voice and text."""

from __future__ import annotations

import json

import numpy as np
import pytest

from genstudio import registry
from genstudio.emotion import EKMAN
from genstudio.emotion.norms import COMPOUNDS
from genstudio.errors import InputError
from genstudio.evaluators.fusion import Channel, agreement, compounds, fuse, smooth
from genstudio.evaluators.fusion.agreement import FIGURES, belief, divergence
from genstudio.evaluators.fusion.read import read_agreement
from genstudio.protocols import Ceiling, Reading

CEILING = Ceiling("accuracy", 0.7, (0.6, 0.8), 1 / 7, "test")


def reading(modality: str, **categories: float) -> Reading:
    rest = (1 - sum(categories.values())) / 7
    return Reading(modality, "r", 0, 0, 0, {k: categories.get(k, 0.0) + rest for k in EKMAN}, "categories", CEILING)


def channel(right: float, name: str = "r") -> Channel:
    counts = np.full((7, 7), 1000 * (1 - right) / 6)
    np.fill_diagonal(counts, 1000 * right)
    return Channel.from_counts(name, EKMAN, EKMAN, counts)


def test_bayes_by_hand() -> None:
    """A hard reading's likelihood is the column of the confusion matrix."""
    c = channel(0.7)
    p = fuse([(c, np.eye(7)[[2]], np.ones(1))])[0]
    column = c.matrix[:, 2]
    assert np.allclose(p, column / column.sum())
    assert np.allclose(fuse([(c, np.eye(7)[[2]], np.zeros(1))])[0], 1 / 7)  # unseen counts nothing


def test_three_weak_readers_beat_each_alone() -> None:
    random = np.random.default_rng(0)
    a, b, c = channel(0.5, "a"), channel(0.55, "b"), channel(0.5, "c")
    truth = random.integers(0, 7, 2000)

    def read(c: Channel) -> np.ndarray:
        return np.eye(7)[[random.choice(7, p=c.matrix[t]) for t in truth]]

    x, y, z, one = read(a), read(b), read(c), np.ones(2000)
    alone = [(p.argmax(1) == truth).mean() for p in (x, y, z)]
    together = (fuse([(a, x, one), (b, y, one), (c, z, one)]).argmax(1) == truth).mean()
    assert together > max(alone) + 0.05


def test_smoothing_removes_single_slips_and_keeps_changes() -> None:
    p = np.full((40, 7), 0.05)
    p[:20, 0], p[20:, 3] = 0.7, 0.7
    p[10] = np.roll(p[10], 3)
    out = smooth(p, 0.1).argmax(1)
    assert (out[:19] == 0).all() and (out[21:] == 3).all()


def test_unknown_classes_take_the_mean_row() -> None:
    c = Channel.of(registry.load("evaluator:speech"))
    assert dict(zip(EKMAN, c.known, strict=True))["surprise"] is False
    assert np.allclose(c.matrix.sum(1), 1)
    face = Channel.of(registry.load("evaluator:face"))
    assert all(face.known) and face.matrix.diagonal().mean() > 0.5
    with pytest.raises(InputError, match="confusion"):
        Channel.of(registry.load("evaluator:image"))


def test_compounds_follow_their_parts() -> None:
    for name, (a, b) in COMPOUNDS.items():
        assert next(iter(compounds([{a: 0.5, b: 0.5}]))) == name
    mixed = compounds([{"fear": 0.9, "surprise": 0.1}, {"fear": 0.1, "surprise": 0.9}])
    assert next(iter(mixed)) == "fearfully surprised" and sum(mixed.values()) == pytest.approx(1)
    with pytest.raises(InputError):
        compounds([])
    with pytest.raises(InputError, match="weight"):
        compounds([{"fear": 1.0}], [0.0])


def test_agreement_warns_of_a_happy_voice_under_a_sad_face() -> None:
    same = agreement({"face": reading("face", joy=0.9), "speech": reading("speech", joy=0.8)})
    assert not same[0].conflict and same[0].warning == ""
    apart = agreement({"face": reading("face", sadness=0.95), "speech": reading("speech", joy=0.95)})
    assert apart[0].conflict and "a happy voice with a sad face" in apart[0].warning
    assert apart[0].distance > apart[0].threshold
    with pytest.raises(InputError, match="two"):
        agreement({"face": reading("face", joy=1.0)})


def test_divergence_is_scipys() -> None:
    from scipy.spatial.distance import jensenshannon

    a, b = belief(reading("face", joy=0.6)), belief(reading("face", fear=0.3))
    assert divergence(a, b) == pytest.approx(jensenshannon(a, b, 2) ** 2)
    assert divergence(a, a) == 0


def test_figures_are_there_for_every_pair() -> None:
    figures = json.loads(FIGURES.read_text())
    for pair in ("face-speech", "face-text", "speech-text"):
        assert 0 < figures[pair]["same"] < figures[pair]["chance"] < 1
    fused = figures["fusion"]
    assert fused["both"]["interval"][0] > max(fused["face"]["uar"], fused["speech"]["uar"])


def test_whole_reading_with_text() -> None:
    face = registry.load("evaluator:face").reading(np.eye(7, dtype=np.float32)[4] * 0.9 + 0.1 / 7, {})
    out = read_agreement({"face": face}, text="I am so happy, this is the best day of my life!")
    assert out["pairs"][0]["pair"] == ("face", "text") and out["warnings"]
    assert set(out["fused"]) == set(EKMAN) and len(out["compounds"]) == 7
