"""Figures of the image engine: agreement of what was asked and what was read, place by place, with its interval."""

from __future__ import annotations

import numpy as np
import pytest

from genstudio.models.image.evaluate import within


def test_within_a_place_and_not_across() -> None:
    random = np.random.default_rng(0)
    asked = [(("lake", "street")[i % 2], *random.uniform(-1, 1, 2)) for i in range(80)]
    # valence follows at the lake alone; arousal everywhere, from another level in the street
    got = [(v if p == "lake" else random.uniform(-1, 1), a + 3 * (p == "street")) for p, v, a in asked]
    found = within(asked, got)
    assert found["arousal"]["spearman"] == 1 and found["arousal"]["interval"] == [1, 1]
    places = found["valence"]["places"]
    assert places["lake"] == 1 and abs(places["street"]) < 0.35
    assert found["valence"]["spearman"] == pytest.approx(np.mean(list(places.values())), abs=0.001)
    low, high = found["valence"]["interval"]
    assert low < found["valence"]["spearman"] < high < 0.8
