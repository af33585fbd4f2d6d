"""Last touch on a drawn layout: maps lose the grain of sampling, boats that lie on land and people who stand in water are
moved to the nearest fit place, nothing fills the whole picture."""

from __future__ import annotations

import cv2
import numpy as np

from .layout import ATTR, CHANNELS, GRID, LZ, TYPE, TYPE_NAMES, Layout, depth_start

FLOATING = ("boat", "ship")
DRY = (
    "person", "horse", "dog", "camel", "tent", "campfire", "stall", "bench", "car", "cart", "grave", "flowers",
        "parasol", "hay", "fence",
    "church", "barn", "lamp", "castle", "windmill", "lighthouse", "house", "tower", "ruin",
)  # fmt: skip
REACH = 14.0  # cells
#: Largest size as a share of the distance; beyond it a thing would not fit the picture.
LARGEST = {
    "balloon": 0.15,
    "church": 0.62,
    "house": 0.45,
    "barn": 0.6,
    "castle": 0.25,
    "rock": 0.14,
    "windmill": 0.6,
    "person": 0.5,
}
_GRAIN = {"sky": 2.2, "rough": 1.4, "elev": 0.8, "water": 0.8, "path": 0.8, "field": 1.0}  # cells; the others 1
_SPARSE = ("sand", "rock", "snow", "pave", "veg")  # mostly nothing: a trace is grain


def smooth(encoded: np.ndarray) -> np.ndarray:
    """Encoded maps [12, 64, 64] without what is finer than the samplers ever draw."""
    out = np.empty_like(encoded)
    for i, name in enumerate(CHANNELS):
        x = cv2.resize(encoded[i], (GRID // 2, GRID // 2), interpolation=cv2.INTER_AREA)
        x = cv2.GaussianBlur(x, (0, 0), _GRAIN.get(name, 1.0) / 2)
        x = cv2.resize(x, (GRID, GRID), interpolation=cv2.INTER_CUBIC)
        if name in _SPARSE:
            x = -1 + np.maximum(x + 1 - 0.3, 0) * 1.18  # a weight below 0.15 is none
        out[i] = x
    return out


def settle(layout: Layout) -> Layout:
    """Moves objects in place. Where there is no water (or no land) in reach, they stay."""
    _fit(layout)
    wet = layout.maps[CHANNELS.index("water")] > 0
    high = ~wet & (layout.maps[CHANNELS.index("elev")] > 0.03)
    if layout.subject == "flood" or not len(layout.types):
        return layout
    floating, dry = ([TYPE[t] for t in names] for names in (FLOATING, DRY))
    for row, kind in zip(layout.objects, layout.types, strict=True):
        if kind in floating:
            _move(row, wet)
        elif kind == TYPE["lighthouse"]:
            _move(row, high if high.any() else ~wet, reach=40.0)
        elif kind in dry:
            _move(row, ~wet, nearer=4)
    return layout


def _fit(layout: Layout) -> None:
    v = layout.values
    near = depth_start(v["ln_eye"], v["horizon"], v["focal"])
    for row, kind in zip(layout.objects, layout.types, strict=True):
        most = LARGEST.get(TYPE_NAMES[kind])
        if most is not None:
            row[ATTR["ln_size"]] = min(row[ATTR["ln_size"]], np.log(most * near) + LZ * row[ATTR["d"]])


def _move(row: np.ndarray, fit: np.ndarray, reach: float = REACH, nearer: int = GRID) -> None:
    """To the nearest fit cell within `reach` cells, at most `nearer` rows towards the viewer."""
    y, x = row[ATTR["d"]] * (GRID - 1), (row[ATTR["u"]] / 0.52 + 1) * (GRID - 1) / 2
    j, i = int(np.clip(round(float(y)), 0, GRID - 1)), int(np.clip(round(float(x)), 0, GRID - 1))
    if fit[j, i]:
        return
    ys, xs = np.nonzero(fit & (np.arange(GRID)[:, None] >= j - nearer))
    if not len(ys):
        return
    far = (ys - y) ** 2 * 2.0 + (xs - x) ** 2  # rather along the shore than deeper
    k = int(far.argmin())
    if far[k] > reach**2:
        return
    row[ATTR["d"]] = np.clip(ys[k] + 0.4 * np.sign(ys[k] - y), 0, GRID - 1) / (GRID - 1)
    row[ATTR["u"]] = np.clip((xs[k] * 2 / (GRID - 1) - 1) * 0.52, -0.47, 0.47)
