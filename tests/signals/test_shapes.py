from __future__ import annotations

import numpy as np
import pytest

from genstudio.signals.shapes import smoothstep


def test_it_is_level_at_both_ends_and_the_same_for_floats_and_arrays() -> None:
    x = np.linspace(-1, 4, 501)
    y = smoothstep(x, 0.5, 3.0)
    assert y[x <= 0.5].max() == 0.0 and y[x >= 3.0].min() == 1.0 and (np.diff(y) >= 0).all()
    t = (x - 0.5) / 2.5
    inside = (t > 0) & (t < 1)
    assert y[inside] == pytest.approx(3 * t[inside] ** 2 - 2 * t[inside] ** 3)
    assert np.abs(np.gradient(y, x)[np.isclose(x, 0.5) | np.isclose(x, 3.0)]).max() < 0.01
    assert [smoothstep(float(v), 0.5, 3.0) for v in x] == y.tolist()


def test_types_stay_and_edges_may_be_arrays_or_turned() -> None:
    assert smoothstep(np.linspace(0, 1, 5, dtype=np.float32)).dtype == np.float32
    assert isinstance(smoothstep(0.3), float)
    assert smoothstep(np.array([1.0, 1.0]), np.array([0.0, 1.0]), np.array([2.0, 3.0])).tolist() == [0.5, 0.0]
    assert smoothstep(0.25, 1.0, 0.0) == smoothstep(0.75)  # falls
