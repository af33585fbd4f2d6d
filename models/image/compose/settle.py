"""Last touch on a drawn layout: boats that lie on land and people who stand in water are moved to the nearest fit place."""

from __future__ import annotations

import numpy as np

from .layout import ATTR, CHANNELS, GRID, TYPE, Layout

FLOATING = ("boat", "ship")
DRY = (
    "person", "horse", "dog", "camel", "tent", "campfire", "stall", "bench", "car", "cart", "grave", "flowers",
        "parasol", "hay", "fence",
    "church", "barn", "lamp", "castle", "windmill",
)  # fmt: skip
REACH = 14.0  # cells


def settle(layout: Layout) -> Layout:
    """Moves objects in place. Where there is no water (or no land) in reach, they stay."""
    wet = layout.maps[CHANNELS.index("water")] > 0
    if layout.subject == "flood" or not len(layout.types):
        return layout
    floating, dry = ([TYPE[t] for t in names] for names in (FLOATING, DRY))
    for row, kind in zip(layout.objects, layout.types, strict=True):
        if kind in floating:
            _move(row, wet)
        elif kind in dry:
            _move(row, ~wet)
    return layout


def _move(row: np.ndarray, fit: np.ndarray) -> None:
    y, x = row[ATTR["d"]] * (GRID - 1), (row[ATTR["u"]] / 0.52 + 1) * (GRID - 1) / 2
    j, i = int(np.clip(round(float(y)), 0, GRID - 1)), int(np.clip(round(float(x)), 0, GRID - 1))
    if fit[j, i] or not fit.any():
        return
    ys, xs = np.nonzero(fit)
    far = (ys - y) ** 2 * 2.0 + (xs - x) ** 2  # rather along the shore than deeper
    k = int(far.argmin())
    if far[k] > REACH**2:
        return
    row[ATTR["d"]] = np.clip(ys[k] + 0.4 * np.sign(ys[k] - y), 0, GRID - 1) / (GRID - 1)
    row[ATTR["u"]] = (xs[k] * 2 / (GRID - 1) - 1) * 0.52
