"""Time in a painted scene: what moves moves, what stands stands, and a still is what it was."""

from __future__ import annotations

import numpy as np
import pytest

from genstudio.models.image.painter import paint
from genstudio.models.image.scene import Setting, mood_for

from .test_painter import small_scene


def _change(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.abs(a.astype(int) - b).mean(2)


def test_water_moves_and_the_start_is_the_still() -> None:
    scene = small_scene(objects=(), mood=mood_for(0, 0).but(flowers=0.1))
    still, start, later = (paint(scene, 96, style="plain", when=t) for t in (0.0, 0.0, 1.0))
    assert (still == start).all()
    d = _change(still, later)
    rows = d.mean(1)
    assert rows.max() > 3  # the lake
    assert d[-8:].mean() < 1.5  # the near ground stands


@pytest.mark.parametrize("fall", ["rain", "snowfall"])
def test_what_falls_falls(fall: str) -> None:
    calm = small_scene(objects=(), mood=mood_for(0, 0).but(rain=0, snowfall=0, wind=0))
    wet = small_scene(objects=(), mood=calm.mood.but(**{fall: 1.0}))
    moved = [_change(paint(s, 96, style="plain", when=0.4), paint(s, 96, style="plain", when=0.5)) for s in (calm, wet)]
    assert moved[1].mean() > moved[0].mean() + 0.3


def test_wind_drives_clouds() -> None:
    sky = small_scene(objects=(), setting=Setting(), mood=mood_for(0, 0).but(cloud_cover=0.2, wind=0.0))
    gale = small_scene(objects=(), mood=sky.mood.but(wind=1.0))
    still, blown = (
        _change(paint(s, 96, style="plain", when=0.0), paint(s, 96, style="plain", when=2.0))[:30].mean()
        for s in (sky, gale)
    )
    assert blown > 1.2 * still > 0
