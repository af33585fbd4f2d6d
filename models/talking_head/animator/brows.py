"""How far brows reach: ICT-FaceKit's shapes hardly move their inner ends. Only used at build time.

In its browDown the inner end sinks 1.8 mm and moves 1.7 mm inwards, the middle 3.7 mm; in a frown it is the inner ends that go
down and together, the whole brow tips, and skin bunches between them (FACS: action unit 4). In browInnerUp the outer end rises
too; in sadness and fear (units 1+4) the brow stands oblique, its outer end lower. Sizes chosen by looking and with the steering
recogniser.
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
TILT = ((4.9, 5.8), (1.3, 1.0), (0.0, -0.30, 0.0))


def reach(neutral: F32, expression: F32) -> F32:
    """Shapes [52, V, 3] whose brows move as brows do; neutral [V, 3]."""
    out = expression.copy()
    for sign, side in ((1.0, "Left"), (-1.0, "Right")):
        for name, (centre, width, move) in ((f"browDown{side}", FROWN), ("browInnerUp", RAISE), ("browInnerUp", TILT)):
            away = (neutral[:, :2] - np.array(centre) * [sign, 1.0]) / width
            bump = ((np.exp(-0.5 * (away**2).sum(1)) - EDGE) / (1 - EDGE)).clip(0)
            out[BLENDSHAPES.index(name)] += bump[:, None] * np.array(move) * [sign, 1.0, 1.0]
    return out
