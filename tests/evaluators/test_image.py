"""The image recognisers, on real weights and made-up pictures."""

from __future__ import annotations

import numpy as np
import pytest

from genstudio.errors import InputError, MediaError
from genstudio.evaluators.image import ImageEvaluator
from genstudio.evaluators.image.features import attributes, oklab
from genstudio.evaluators.image.model import fit, fit_both
from genstudio.evaluators.image.painted import brushed, flattened
from genstudio.protocols import Evaluator

RANDOM = np.random.default_rng(0)


def gradient(top: tuple[int, int, int], bottom: tuple[int, int, int], size: tuple[int, int] = (180, 240)) -> np.ndarray:
    t = np.linspace(0, 1, size[0])[:, None, None]
    return np.broadcast_to((1 - t) * np.array(top) + t * np.array(bottom), (*size, 3)).astype(np.uint8)


@pytest.fixture(scope="module", params=["score", "steer"])
def reader(request: pytest.FixtureRequest) -> ImageEvaluator:
    return ImageEvaluator.load(request.param)


def test_it_is_an_evaluator(reader: ImageEvaluator) -> None:
    assert isinstance(reader, Evaluator) and reader.modality == "image"
    assert 0 < reader.ceiling.value < 1 and reader.ceiling.interval[0] < reader.ceiling.value


def test_a_reading(reader: ImageEvaluator) -> None:
    reading = reader(gradient((120, 180, 250), (60, 140, 60)))
    assert reading.dominance is None and reading.categories == {} and reading.vad_source == "regression"
    assert -1 <= reading.valence <= 1 and -1 <= reading.arousal <= 1
    assert {"brightness", "colourfulness", "warmth"} <= set(reading.details["attributes"])


def test_a_sunny_meadow_is_felt_better_than_dark_mud() -> None:
    score = ImageEvaluator.load("score")
    meadow, mud = gradient((110, 180, 250), (80, 170, 60)), gradient((40, 38, 36), (60, 48, 40))
    noise = RANDOM.integers(-12, 12, meadow.shape)
    meadow, mud = (np.clip(x.astype(int) + noise, 0, 255).astype(np.uint8) for x in (meadow, mud))
    assert score(meadow).valence > score(mud).valence


def test_size_matters_little(reader: ImageEvaluator) -> None:
    import cv2

    small = RANDOM.integers(0, 255, (19, 24, 3)).astype(np.uint8)
    a, b = (reader(cv2.resize(small, s, interpolation=cv2.INTER_CUBIC)) for s in ((384, 304), (768, 608)))
    assert abs(a.valence - b.valence) < 0.1 and abs(a.arousal - b.arousal) < 0.1


@pytest.mark.parametrize(
    "bad",
    [
        np.zeros((4, 4, 3), np.uint8),
        np.zeros((64, 64), np.uint8),
        np.zeros((64, 64, 3)),
        np.zeros((64, 64, 4), np.uint8),
    ],
)
def test_bad_pictures(reader: ImageEvaluator, bad: np.ndarray) -> None:
    with pytest.raises(MediaError):
        reader(bad)


def test_flat_pictures_are_read_without_failing(reader: ImageEvaluator) -> None:
    for level in (0, 128, 255):
        assert np.isfinite(reader(np.full((64, 64, 3), level, np.uint8)).valence)


def test_attributes_and_oklab() -> None:
    assert oklab(np.array([[[255, 255, 255]]], np.uint8))[0, 0] == pytest.approx([1, 0, 0], abs=1e-3)
    assert oklab(np.array([[[255, 0, 0]]], np.uint8))[0, 0] == pytest.approx([0.628, 0.2249, 0.1258], abs=1e-3)
    grey, red = np.full((64, 64, 3), 100, np.uint8), gradient((200, 30, 30), (230, 60, 30))
    assert attributes(grey)["colourfulness"] == pytest.approx(0, abs=1e-3)
    assert attributes(red)["warmth"] > 0.5 and attributes(red)["saturation"] > 0.7


def test_kernel_regression_agrees_with_scikit_learn() -> None:
    sk = pytest.importorskip("sklearn.kernel_ridge")
    x, y = RANDOM.normal(size=(50, 4)).clip(-2, 2), RANDOM.normal(size=50)
    mine = fit({"a": x[:40]}, y[:40], ("a",), 2.0, 0.3)
    scaled = mine.scaled({"a": x})["a"]
    theirs = sk.KernelRidge(kernel="rbf", gamma=1.0, alpha=0.3).fit(scaled[:40], y[:40] - y[:40].mean())
    assert mine({"a": x[40:]}) == pytest.approx(theirs.predict(scaled[40:]) + y[:40].mean())


def test_both_kernels_in_one_regression() -> None:
    x = {"seen": RANDOM.normal(size=(60, 5)), "more": RANDOM.normal(size=(60, 3)), "look": RANDOM.normal(size=(60, 4))}
    y = x["seen"][:, 0] - x["more"][:, 1] + 0.3 * x["look"][:, 2]
    m = fit_both({g: v[:40] for g, v in x.items()}, y[:40], ("seen", "more"), ("look",), 1.0, 0.5, 0.01)
    assert np.corrcoef(m({g: v[40:] for g, v in x.items()}), y[40:])[0, 1] > 0.9
    assert set(m.weights) == {"seen", "more"} and m.weights["seen"].shape == (5,)


def test_paint_flattens_and_keeps_edges() -> None:
    picture = gradient((200, 200, 200), (200, 200, 200), (120, 160))
    picture[:, 80:] = 60
    noisy = np.clip(picture + RANDOM.normal(0, 12, picture.shape), 0, 255).astype(np.uint8)
    for paint in (brushed, flattened):
        out = paint(noisy).astype(float)
        assert out.shape == picture.shape and out[:, :70].std() < 6
        assert out[:, 70:76].mean() - out[:, 84:90].mean() > 120
    assert max(brushed(np.zeros((600, 900, 3), np.uint8)).shape) == 400


def test_wrong_role() -> None:
    with pytest.raises(InputError):
        ImageEvaluator.load("judge")
