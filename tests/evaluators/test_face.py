"""The expression recogniser: crops exactly, the networks on ready faces, and its own evaluation."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from genstudio.emotion import EKMAN
from genstudio.errors import FaceError, InputError, MissingWeightsError
from genstudio.evaluators.face import FaceEvaluator
from genstudio.evaluators.face.align import FER_CENTRE, FER_RADIUS, crop, crops, matrix
from genstudio.evaluators.face.evaluate import ece, fit_temperature, interval, measure
from genstudio.evaluators.face.net import CLASSES, build
from genstudio.evaluators.face.pack import mosaic, unmosaic
from genstudio.protocols import Evaluator, Face

FACTS = {"accuracy": 0.5, "interval": (0.4, 0.6), "temperature": 1.0}


def marks(size: float = 100, x: float = 160, y: float = 120) -> np.ndarray:
    """Something like 68 points: a ring, with eyes and mouth in their places."""
    t = np.linspace(0, 2 * np.pi, 68, endpoint=False)
    p = np.stack([np.cos(t), np.sin(t)], -1)
    p[36:42], p[42:48], p[48:] = [-0.5, -0.5], [0.5, -0.5], [0, 0.6]
    return (p * size + [x, y]).astype(np.float32)


def untrained(role: str = "score", found: bool = True) -> FaceEvaluator:
    face = Face((60, 20, 260, 220), marks(), 0.9)
    return FaceEvaluator(build(role), role, FACTS, lambda image: [face] if found else [])


def test_classes_are_the_canonical_seven() -> None:
    assert sorted(CLASSES) == sorted(EKMAN)


def test_networks_are_small_and_differ() -> None:
    sizes = {role: sum(p.numel() for p in build(role).parameters()) for role in ("score", "steer")}
    assert sizes["score"] < 5_000_000
    assert sizes["steer"] < 1_500_000
    assert type(build("score")) is not type(build("steer"))


def test_crop_puts_the_face_where_fer_has_it() -> None:
    points = marks()
    m = matrix(points)
    there = points @ m[:, :2].T + m[:, 2]
    centre = there.mean(0)
    assert np.allclose(centre, FER_CENTRE, atol=0.1)
    assert np.sqrt(((there - centre) ** 2).sum(1).mean()) == pytest.approx(FER_RADIUS, abs=0.05)


@pytest.mark.parametrize("size", [12.0, 100.0, 400.0])
def test_crop_of_any_size_and_off_the_edge(size: float) -> None:
    image = np.full((240, 320, 3), 90, np.uint8)
    points = marks(size, 20, 230)
    assert crop(image, points).shape == (48, 48)
    assert abs(int(crops(image, points).mean()) - 90) <= 1


def test_mosaic_returns() -> None:
    faces = np.random.default_rng(0).integers(0, 255, (50, 48, 48)).astype(np.uint8)
    sheets = mosaic(faces)
    assert (unmosaic(sheets[0], 48)[:50] == faces).all()


def test_readings() -> None:
    reader = untrained()
    assert isinstance(reader, Evaluator)
    image = np.random.default_rng(0).integers(0, 255, (240, 320, 3)).astype(np.uint8)
    reading = reader(image)
    assert sum(reading.categories.values()) == pytest.approx(1)
    assert reading.vad_source == "categories"
    assert reading.modality == "face"
    assert reading.details["faces"] == 1
    video = reader.read_video([image] * 3)
    assert video.details["frames_with_face"] == 3
    assert len(reader.read_aligned(np.zeros((5, 48, 48), np.uint8))) == 5
    assert reader.read_aligned(np.zeros((0, 48, 48), np.uint8)) == []


def test_clear_errors(tmp_path: Path) -> None:
    reader = untrained(found=False)
    blank = np.zeros((50, 50, 3), np.uint8)
    with pytest.raises(FaceError, match="no face"):
        reader(blank)
    with pytest.raises(FaceError, match="2 frames"):
        reader.read_video([blank, blank])
    with pytest.raises(FaceError, match="without frames"):
        reader.read_video([])
    with pytest.raises(InputError, match="48"):
        reader.read_aligned(np.zeros((5, 40, 48), np.uint8))
    with pytest.raises(InputError, match="steer"):
        FaceEvaluator.load("judge")
    with pytest.raises(MissingWeightsError):
        FaceEvaluator.load("score", folder=tmp_path)


def test_measures() -> None:
    rng = np.random.default_rng(0)
    labels = np.repeat(np.arange(7), 100)
    logits = rng.normal(0, 1, (700, 7)).astype(np.float32)
    logits[np.arange(700), labels] += 2
    facts = measure(logits, labels)
    low, high = facts["interval"]
    assert low < facts["accuracy"] < high
    assert facts["ece_calibrated_crossed"] < 0.1
    assert fit_temperature(logits * 3, labels) == pytest.approx(3 * fit_temperature(logits, labels), rel=0.05)
    certain = np.eye(7, dtype=np.float32)[labels]
    assert ece(certain, labels) == 0
    assert interval(np.ones(10, bool)) == (1.0, 1.0)


@pytest.mark.slow
@pytest.mark.skipif(not os.environ.get("GENSTUDIO_DATA"), reason="GENSTUDIO_DATA is unset: needs FER-2013")
@pytest.mark.parametrize("role", ["score", "steer"])
def test_accuracy_on_public_test(role: str) -> None:
    reader = FaceEvaluator.load(role)
    held = np.load(Path(os.environ["GENSTUDIO_DATA"]) / "fer2013" / "public_test.npz")
    part = slice(None, None, 6)
    guess = reader.probabilities(held["images"][part]).argmax(1)
    right = float((guess == held["labels"][part]).mean())
    assert right > reader.ceiling.value - 0.06
