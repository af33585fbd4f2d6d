"""How far brows reach, and the skin between them and the eyes: what ICT-FaceKit's shapes leave out. Only used at build time.

In its browDown the inner end sinks 1.8 mm and moves 1.7 mm inwards, the middle 3.7 mm; in a frown it is the inner ends that go
down and together, the whole brow tips, and skin bunches between them (FACS: action unit 4). In browInnerUp the outer end rises
too, and so does the middle; in sadness and fear (units 1+4) the inner third alone rises and the brow stands oblique. Sizes chosen
by looking, with the steering recogniser and the embedded face descriptor: tilting a brow is read and costs little likeness, moving
the whole of it or drawing both together costs much and is read little. Below the brow its shapes fade within millimetres: a frown
would push the brow over the lid and over the root of the nose, a raised brow would stretch a narrow band of skin to three times its
height. `even` spreads it over all the skin.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from genstudio.signals.arkit import BLENDSHAPES

F32 = NDArray[np.float32]

# centre and width (x, y) of a bump on the subject's left side, and what it adds to a vertex (x, y, z) at its top, in cm
FROWN = ((1.35, 5.7), (1.3, 1.05), (-0.28, -0.46, 0.11))
RAISE = ((1.2, 6.2), (1.2, 1.3), (0.0, 0.55, 0.0))
EDGE = 0.02  # where a bump ends
TILT = ((4.9, 5.8), (1.3, 1.0), (0.0, -0.20, 0.0))
STAY = ((2.8, 6.2), (1.0, 1.2), (0.0, -0.60, 0.0))  # the middle, when the inner end rises
TIP = ((4.9, 5.5), (1.2, 1.0), (0.0, 0.35, 0.0))  # the outer end, when the inner one sinks
TOGETHER = 0.7  # of a frown's way towards the middle: else thick brows grow into one
MIDDLE = 0.45  # cm over which one side's bump gives way to the other's: they do not add up over the nose

# the skin between, on both sides by |x|: lower edge of the brow, and lid or (x < 1.3) bridge of the nose, as (x, y)
BROW = ((1.0, 5.45), (2.4, 5.7), (3.8, 5.75), (4.9, 5.5), (5.8, 4.9), (6.4, 4.4))
LID = ((1.2, 2.6), (1.84, 3.3), (2.78, 3.97), (3.87, 3.9), (4.46, 3.46), (5.2, 2.9), (6.4, 2.4))
SPREAD = ("browDown", "browInnerUp", "browOuterUp", "noseSneer")
NEAR = 0.22  # cm around a place within which vertices say how it moves


def reach(neutral: F32, expression: F32) -> F32:
    """Shapes [52, V, 3] whose brows move as brows do; neutral [V, 3]."""
    out = expression.copy()
    for sign, side in ((1.0, "Left"), (-1.0, "Right")):
        mine = 1 / (1 + np.exp(-sign * neutral[:, 0] / MIDDLE))
        down, up = f"browDown{side}", "browInnerUp"
        for name, (centre, width, move) in ((down, FROWN), (down, TIP), (up, RAISE), (up, TILT), (up, STAY)):
            away = (neutral[:, :2] - np.array(centre) * [sign, 1.0]) / width
            bump = mine * ((np.exp(-0.5 * (away**2).sum(1)) - EDGE) / (1 - EDGE)).clip(0)
            out[BLENDSHAPES.index(name)] += bump[:, None] * np.array(move) * [sign, 1.0, 1.0]
        out[BLENDSHAPES.index(down), :, 0] *= TOGETHER
    return even(neutral, out)


def even(neutral: F32, expression: F32) -> F32:
    """Shapes [52, V, 3] that move the skin between brow and eye in even steps from the one's motion to the other's."""
    out = expression.copy()
    x, y = neutral[:, 0], neutral[:, 1]
    low, high = (np.interp(np.abs(x), *np.array(line).T) for line in (LID, BROW))
    between = np.flatnonzero((y > low) & (y < high) & (np.abs(x) < BROW[-1][0]))
    share = ((y - low) / (high - low))[between, None]
    columns = np.linspace(-BROW[-1][0], BROW[-1][0], 97)
    for k in (k for k, name in enumerate(BLENDSHAPES) if name.startswith(SPREAD)):
        ends = []
        for line in (LID, BROW):
            at = np.c_[columns, np.interp(np.abs(columns), *np.array(line).T)]
            weight = np.exp(-0.5 * (((at[:, None] - neutral[None, :, :2]) / NEAR) ** 2).sum(2))
            there = weight @ expression[k] / (weight.sum(1, keepdims=True) + 1e-6)
            ends.append(np.stack([np.interp(x[between], columns, there[:, c]) for c in range(3)], 1))
        out[k, between] = ends[0] + share * (ends[1] - ends[0])
    return out
