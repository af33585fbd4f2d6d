"""Percentile intervals by resampling."""

from __future__ import annotations

import numpy as np
import pytest

from genstudio.errors import InputError
from genstudio.intervals import bootstrap


def mean(x) -> float:
    return float(np.mean(x))


def test_it_is_what_scipy_finds() -> None:
    stats = pytest.importorskip("scipy.stats")
    values = np.random.default_rng(3).normal(size=80)
    mine = bootstrap(mean, values, repeats=3000)
    theirs = stats.bootstrap(
        (values,), np.mean, method="percentile", n_resamples=3000, random_state=0
    ).confidence_interval
    assert mine.low == pytest.approx(theirs.low, abs=0.02) and mine.high == pytest.approx(theirs.high, abs=0.02)
    assert mine.value == mean(values) and mine.clusters == 80


def test_the_true_mean_lies_within_95_of_100_intervals() -> None:
    random = np.random.default_rng(1)
    found = [bootstrap(mean, random.normal(size=60), repeats=200, seed=random) for _ in range(200)]
    assert 0.89 < np.mean([f.low < 0 < f.high for f in found]) < 0.99


def test_rows_that_belong_together_are_drawn_together() -> None:
    random = np.random.default_rng(2)
    who = random.permutation(np.repeat(np.arange(8), 25))
    values = random.normal(size=8)[who]  # all of a person's rows say the same
    apart, together = bootstrap(mean, values), bootstrap(mean, values, clusters=who)
    assert together.high - together.low > 3 * (apart.high - apart.low) and together.clusters == 8
    one = bootstrap(mean, values[:25] * 0 + 2, clusters=[0] * 25)
    assert (one.low, one.high, one.clusters) == (2.0, 2.0, 1)


def test_each_row_as_a_cluster_of_its_own_changes_nothing() -> None:
    values = np.random.default_rng(4).normal(size=33)
    assert bootstrap(mean, values) == bootstrap(mean, values, clusters=np.arange(33))


def test_columns_stay_aligned_and_may_have_more_axes() -> None:
    x = np.arange(20.0)
    assert bootstrap(lambda a, b: float(abs(a - b).max()), x, x).high == 0.0
    assert bootstrap(mean, np.ones((20, 3))).low == 1.0


def test_the_seed_decides_and_a_generator_goes_on() -> None:
    x = np.random.default_rng(5).normal(size=40)
    assert bootstrap(mean, x) == bootstrap(mean, x, seed=0) != bootstrap(mean, x, seed=1)
    going = np.random.default_rng(0)
    first, second = bootstrap(mean, x, seed=going), bootstrap(mean, x, seed=going)
    assert first == bootstrap(mean, x) and second != first


@pytest.mark.parametrize("columns", [([],), ([1.0, 2.0], [1.0])])
def test_columns_of_one_length_are_needed(columns) -> None:
    with pytest.raises(InputError, match="columns of one length"):
        bootstrap(lambda *_: 0.0, *columns)
    with pytest.raises(InputError, match="as many clusters as rows"):
        bootstrap(mean, [1.0, 2.0], clusters=[1])


def test_draws_without_a_value_are_left_out():
    def of_the_rest(x):
        return float(x[x > 0].mean()) if (x > 0).any() else float("nan")

    found = bootstrap(of_the_rest, [0.0, 1.0])  # a quarter of the draws holds zeros alone
    assert (found.value, found.low, found.high) == (1.0, 1.0, 1.0)
