"""Did it act: against scipy, and on readings with and without an effect."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from genstudio import registry
from genstudio.errors import InputError
from genstudio.evaluators.protocol import did_it_act


def made(effect: float, n: int = 40) -> np.ndarray:
    random = np.random.default_rng(3)
    without = random.normal(0.4, 0.1, n)
    return np.stack([without + effect + random.normal(0, 0.1, n), without], 1)


def test_an_effect_is_found_as_scipy_finds_it() -> None:
    pairs = made(0.2)
    act = did_it_act(pairs)
    t = stats.ttest_rel(pairs[:, 0], pairs[:, 1])
    assert act.d == pytest.approx(t.statistic / np.sqrt(len(pairs)))
    low, high = t.confidence_interval()
    assert act.difference.low == pytest.approx(low, abs=0.01) and act.difference.high == pytest.approx(high, abs=0.01)
    assert act.verdict == "acted"
    assert did_it_act(pairs[:, ::-1]).verdict == "acted the wrong way"


def test_a_knob_without_effect_and_one_voice_are_not_called_acting() -> None:
    same = np.repeat(made(0)[:, :1], 2, 1)
    assert did_it_act(same).verdict == "no measurable effect" and did_it_act(same).d is None
    assert did_it_act(made(0.2), clusters=["one voice"] * 40).verdict == "too few to tell"


def test_bad_pairs_are_refused() -> None:
    for pairs, clusters in (([(1.0, 0.0)], None), ([(1.0, np.nan)] * 8, None), ([(1.0, 0.0)] * 8, ["a"])):
        with pytest.raises(InputError):
            did_it_act(pairs, clusters)


def test_the_core_reaches_it_by_name() -> None:
    assert registry.load("tool:did-it-act") is did_it_act
    assert callable(registry.load("tool:requested-vs-achieved"))
