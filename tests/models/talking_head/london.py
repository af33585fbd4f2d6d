"""The London set's 189 points as the 68 of iBUG, for tests on real portraits."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from genstudio.models.talking_head.animator import face_model

CONTOUR = (109, 110, 111, 125, 126, 127, 128, 129, 130, 131, 132, 133, 114, 113, 112)
CHIN = 129
CHAINS = {  # iBUG points: London polylines that are averaged
    (17, 18, 19, 20, 21): ((71, 72, 73, 74, 75, 76), (71, 83, 84, 76)),
    (22, 23, 24, 25, 26): ((77, 78, 79, 80, 81, 82), (77, 85, 86, 82)),
    (36, 37, 38, 39): ((18, 19, 20, 21, 22),),
    (39, 40, 41, 36): ((22, 30, 29, 28, 18),),
    (42, 43, 44, 45): ((23, 24, 25, 26, 27),),
    (45, 46, 47, 42): ((27, 33, 32, 31, 23),),
    (48, 49, 50, 51, 52, 53, 54): ((87, 88, 89, 90, 91, 92, 93),),
    (54, 55, 56, 57, 58, 59, 48): ((93, 108, 107, 106, 105, 104, 87),),
    (60, 61, 62, 63, 64): ((87, 94, 95, 96, 97, 98, 93),),
    (64, 65, 66, 67, 60): ((93, 103, 102, 101, 100, 99, 87),),
}
POINTS = {
    27: (50, 56),
    28: (52, 58),
    29: (53, 59),
    30: (54, 60),
    33: (170, 172),
    31: (63,),
    32: (64,),
    34: (69,),
    35: (68,),
}


def fractions(line: np.ndarray) -> np.ndarray:
    """Arc length 0..1 of a polyline's points."""
    length = np.r_[0, np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))]
    return length / length[-1]


def along(line: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Points at arc length fractions `at`."""
    return np.stack([np.interp(at, fractions(line), line[:, k]) for k in (0, 1)], -1)


def to_68(p: np.ndarray) -> np.ndarray:
    """London's points [189, 2] as iBUG's [68, 2]."""
    model = face_model.load()
    flat = model.neutral[model.landmarks][:, :2]
    out = np.zeros((68, 2))
    contour = p[list(CONTOUR)]
    dense = along(contour, np.linspace(0, 1, 801))
    chin = np.argmin(((dense - p[CHIN]) ** 2).sum(1)) / 800
    jaw = fractions(flat[:17])
    out[:17] = along(contour, np.interp(jaw, [0, jaw[8], 1], [0, chin, 1]))
    for marks, lines in CHAINS.items():
        at = fractions(flat[list(marks)])
        out[list(marks)] = np.mean([along(p[list(line)], at) for line in lines], 0)
    for mark, sources in POINTS.items():
        out[mark] = p[list(sources)].mean(0)
    return out.astype(np.float32)


def read(folder: Path, identity: str) -> tuple[np.ndarray, np.ndarray]:
    """Portrait uint8 [h, w, 3] RGB and its 68 points."""
    image = cv2.imread(str(folder / f"{identity}.jpg"))
    points = np.loadtxt(folder / f"{identity}.pts.csv", delimiter=",", skiprows=1)
    return np.ascontiguousarray(image[..., ::-1]), to_68(points)
