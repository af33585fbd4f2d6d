"""Each measure against an independent implementation."""

from __future__ import annotations

import math

import numpy as np
import pytest

from genstudio.emotion import Emotion, vad_of_categories
from genstudio.errors import InputError
from genstudio.evaluators import measures as m
from genstudio.protocols import Ceiling, Reading

RANDOM = np.random.default_rng(3)
TRUE, SAID = RANDOM.integers(0, 4, 200), RANDOM.integers(0, 4, 200)
X = RANDOM.normal(size=100)
Y = 0.5 * X + RANDOM.normal(size=100) + 0.3


def test_classification_agrees_with_scikit_learn() -> None:
    sk = pytest.importorskip("sklearn.metrics")
    assert m.accuracy(TRUE, SAID) == pytest.approx(sk.accuracy_score(TRUE, SAID))
    assert m.uar(TRUE, SAID) == pytest.approx(sk.recall_score(TRUE, SAID, average="macro"))
    assert m.macro_f1(TRUE, SAID) == pytest.approx(sk.f1_score(TRUE, SAID, average="macro"))
    assert m.weighted_f1(TRUE, SAID) == pytest.approx(sk.f1_score(TRUE, SAID, average="weighted"))
    assert (m.confusion(TRUE, SAID) == sk.confusion_matrix(TRUE, SAID)).all()


def test_calibration_agrees_with_torchmetrics() -> None:
    torch = pytest.importorskip("torch")
    functional = pytest.importorskip("torchmetrics.functional.classification")
    p, hit = RANDOM.random(300), RANDOM.random(300) < 0.6
    theirs = functional.binary_calibration_error(torch.tensor(p), torch.tensor(hit.astype(int)), n_bins=15)
    assert m.calibration_error(hit, p) == pytest.approx(float(theirs), abs=1e-5)


def test_regression_agrees_with_scipy_and_torchmetrics() -> None:
    stats = pytest.importorskip("scipy.stats")
    torch = pytest.importorskip("torch")
    functional = pytest.importorskip("torchmetrics.functional")
    assert m.pearson(X, Y) == pytest.approx(stats.pearsonr(X, Y)[0])
    tied = np.round(X), np.round(Y)
    assert m.control_linearity(*tied) == pytest.approx(stats.spearmanr(*tied)[0])
    assert m.rmse(X, Y) == pytest.approx(
        float(np.sqrt(functional.mean_squared_error(torch.tensor(X), torch.tensor(Y))))
    )
    theirs = functional.concordance_corrcoef(torch.tensor(X), torch.tensor(Y))
    assert m.ccc(X, Y) == pytest.approx(float(theirs), abs=0.01)  # theirs takes sample moments, ours the population's
    assert m.sagr([1, -1, 0, 2], [2, -3, 1, -1]) == 0.5


def test_distributions_agree_with_scipy() -> None:
    stats = pytest.importorskip("scipy.stats")
    spatial = pytest.importorskip("scipy.spatial.distance")
    p, q = RANDOM.random(7), RANDOM.random(7)
    assert m.kullback_leibler(p, q) == pytest.approx(stats.entropy(p, q))
    assert m.jensen_shannon(p, q) == pytest.approx(spatial.jensenshannon(p, q, base=2) ** 2)
    assert m.jensen_shannon([1, 0], [0, 1]) == pytest.approx(1.0)
    assert m.kullback_leibler([1, 1], [1, 0]) == math.inf
    a = RANDOM.normal(size=(40, 5))
    assert m.diversity(a) == pytest.approx(spatial.pdist(a).mean())


def test_frechet_agrees_with_matrix_square_root() -> None:
    linalg = pytest.importorskip("scipy.linalg")
    a, b = RANDOM.normal(size=(60, 6)), RANDOM.normal(size=(50, 6)) * 1.5 + 0.2
    ca, cb = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    root = linalg.sqrtm(ca @ cb).real
    want = ((a.mean(0) - b.mean(0)) ** 2).sum() + np.trace(ca + cb - 2 * root)
    assert m.frechet_distance(a, b) == pytest.approx(want, rel=1e-6)
    assert m.frechet_distance(a, a) == pytest.approx(0, abs=1e-6)


def test_krippendorff_on_the_published_example() -> None:
    """Krippendorff (2011), 'Computing Krippendorff's alpha-reliability', data C: 0.743 nominal, 0.815 ordinal, 0.849 interval."""
    n = np.nan
    table = np.array([
        [1, 2, 3, 3, 2, 1, 4, 1, 2, n, n, n],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, n, 3],
        [n, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, n],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, n],
    ])  # fmt: skip
    for level, want in (("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)):
        assert m.krippendorff_alpha(table, level) == pytest.approx(want, abs=0.001)


def test_rogan_gladen_undoes_a_known_recogniser() -> None:
    table = np.array([[80, 20, 0], [10, 80, 10], [0, 30, 70]])
    shares = np.array([0.5, 0.2, 0.3])
    said = shares @ (table / table.sum(1, keepdims=True))
    assert m.rogan_gladen(said, table) == pytest.approx(shares, abs=1e-4)
    binary = np.array(
        [[90, 10], [20, 80]]
    )  # the closed form: (said + specificity - 1) / (sensitivity + specificity - 1)
    assert m.rogan_gladen([0.6, 0.4], binary)[1] == pytest.approx((0.4 + 0.9 - 1) / (0.8 + 0.9 - 1), abs=1e-4)


def test_bootstrap_is_wider_over_clusters_and_covers() -> None:
    groups = np.repeat(np.arange(10), 20)
    values = RANDOM.normal(size=10)[groups] + 0.1 * RANDOM.normal(size=200)
    rows, clustered = m.bootstrap(np.mean, values), m.bootstrap(np.mean, values, clusters=groups)
    assert clustered.high - clustered.low > 2 * (rows.high - rows.low)
    assert clustered.low < values.mean() < clustered.high and clustered.clusters == 10


def test_bootstrap_agrees_with_scipy() -> None:
    stats = pytest.importorskip("scipy.stats")
    mine = m.bootstrap(lambda x: float(np.mean(x)), X, repeats=3000)
    theirs = stats.bootstrap((X,), np.mean, method="percentile", n_resamples=3000, random_state=0).confidence_interval
    assert mine.low == pytest.approx(theirs.low, abs=0.03) and mine.high == pytest.approx(theirs.high, abs=0.03)


def test_controls() -> None:
    inside = m.shuffled_labels(m.uar, TRUE, SAID)
    assert inside.low <= m.uar(TRUE, SAID) <= inside.high
    perfect = m.shuffled_labels(m.uar, TRUE, TRUE)
    assert perfect.high < 0.5
    assert m.chance(TRUE) == 0.25 and m.majority(["a", "a", "b"]) == pytest.approx(2 / 3)
    difference, p = m.paired_difference(Y + 1, Y)
    assert difference.value == pytest.approx(1) and p < 0.01


def test_every_measure_declares_range_and_direction() -> None:
    for measure in m.MEASURES.values():
        assert measure.low < measure.high and measure.better in ("higher", "lower") and measure.__doc__


def test_bad_input_is_named() -> None:
    with pytest.raises(InputError):
        m.ccc([1, 2], [1])
    with pytest.raises(InputError):
        m.pearson([1, math.nan], [1, 2])
    with pytest.raises(InputError):
        m.confusion(["a"], ["b"], ["a"])
    with pytest.raises(InputError):
        m.bootstrap(np.mean, [])


def _reading(categories: dict[str, float]) -> Reading:
    ceiling = Ceiling("UAR", 0.8, (0.7, 0.9), 0.25, "made up", ("anger", "joy", "sadness", "neutral"))
    return Reading("speech", "made up", *vad_of_categories(categories), categories, "categories", ceiling)


def test_requested_vs_achieved() -> None:
    rows = []
    for name in ("anger", "joy", "sadness", "neutral", "surprise"):
        for k in range(5):
            rows.append(
                (
                    Emotion.parse(name),
                    _reading({name: 0.9, "neutral": 0.1} if k and name != "surprise" else {"neutral": 1.0}),
                )
            )
    table = m.requested_vs_achieved(rows, clusters=[i % 5 for i in range(len(rows))], repeats=50)
    assert table.asked_only == ("surprise",)
    assert table.recall["joy"] == pytest.approx(0.8) and table.recall["neutral"] == 1.0
    assert table.uar is not None and table.uar.value == pytest.approx(0.85)
    assert table.shuffled is not None and table.shuffled.high < table.uar.value
    assert table.linearity["valence"] is not None and table.linearity["valence"].value > 0.5
    assert "| joy |" in table.markdown() and table.as_dict()["chance"] == 0.25


def test_clipping_of_a_tone() -> None:
    from genstudio.evaluators.measures.audio import clipping

    tone = np.sin(2 * np.pi * 997 * np.arange(24_000) / 24_000)
    assert clipping(np.clip(3 * tone, -1, 1)) > 0.5 and clipping(0.5 * tone) == 0


def test_pitch_of_a_tone() -> None:
    from genstudio.evaluators.measures.audio import pitch

    t = np.arange(24_000) / 24_000
    found = pitch(sum(np.sin(2 * np.pi * 150 * k * t) / k for k in range(1, 12)), 24_000)
    assert found.median == pytest.approx(150, rel=0.02) and found.voiced > 0.8
    assert pitch(np.zeros(24_000), 24_000).voiced == 0
