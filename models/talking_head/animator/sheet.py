"""A contact sheet of stills: `python -m genstudio.models.talking_head.animator.sheet -o sheet.png`.

Portraits by rows, the seven emotions (fixed recipes of ARKit coefficients) by columns; `--part mouth|eyes|face` looks closely.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from genstudio.emotion import EKMAN
from genstudio.signals.arkit import CHANNELS

from ..portraits import portraits
from .animator import SUPERSAMPLING, Animator

U8 = NDArray[np.uint8]
F32 = NDArray[np.float32]

# both sides unless one is named; found by trial on real portraits under a recogniser trained on real faces
RECIPES: dict[str, dict[str, float]] = {
    "anger": {
        "browDown": 1.4,
        "browOuterUp": 0.25,
        "eyeSquint": 0.7,
        "noseSneer": 0.9,
        "mouthUpperUp": 0.5,
        "mouthLowerDown": 0.9,
        "mouthFrown": 0.4,
        "mouthStretch": 0.5,
        "jawOpen": 0.05,
    },
    "disgust": {
        "noseSneerLeft": 0.78,
        "noseSneerRight": 0.42,
        "mouthUpperUpLeft": 0.72,
        "mouthUpperUpRight": 0.3,
        "browDown": 0.27,
        "mouthLowerDown": 0.3,
        "eyeSquint": 0.54,
        "cheekSquint": 0.42,
        "eyeBlink": 0.21,
        "mouthFrown": 0.12,
        "jawOpen": 0.06,
    },
    "fear": {
        "browInnerUp": 1.2,
        "browOuterUp": 0.3,
        "browDown": 0.5,
        "eyeWide": 1.0,
        "mouthStretch": 1.1,
        "jawOpen": 0.18,
        "mouthLowerDown": 0.9,
        "mouthFrown": 0.2,
    },
    "joy": {
        "mouthSmile": 0.85,
        "cheekSquint": 0.6,
        "eyeSquint": 0.35,
        "mouthUpperUp": 0.3,
        "mouthLowerDown": 0.15,
        "jawOpen": 0.08,
        "mouthDimple": 0.15,
    },
    "sadness": {
        "browInnerUp": 1.3,
        "browDown": 0.5,
        "mouthFrown": 1.3,
        "mouthShrugLower": 0.6,
        "eyeBlink": 0.32,
        "eyeSquint": 0.3,
        "mouthStretch": 0.2,
        "cheekSquint": 0.2,
        "eyeLookDown": 0.3,
    },
    "surprise": {"browInnerUp": 0.9, "browOuterUp": 0.9, "eyeWide": 0.8, "jawOpen": 0.6, "mouthFunnel": 0.15},
    "neutral": {},
}


def pose(recipe: Mapping[str, float], strength: float = 1.0) -> F32:
    """Channel values [62] of a recipe; a name without its side sets both sides.

    >>> int((pose({"mouthSmile": 0.5}) == 0.5).sum())
    2
    """
    out = np.zeros(len(CHANNELS), np.float32)
    for name, value in recipe.items():
        for full in [name] if name in CHANNELS else [f"{name}Left", f"{name}Right"]:
            out[CHANNELS.index(full)] += strength * value
    return out


def window(animator: Animator, part: str) -> tuple[slice, slice]:
    """The part of the frame to look at: head, face, eyes, mouth."""
    marks = (animator.landmarks - animator.crop.margin) / SUPERSAMPLING
    if part == "head":
        return slice(None), slice(None)
    if part == "eyes":
        centre, w = marks[36:48].mean(0), 0.62 * float(np.ptp(marks[36:48, 0]))
        h = 0.32 * w
    elif part == "mouth":
        centre, w = marks[48:68].mean(0), 1.1 * float(np.ptp(marks[48:55, 0]))
        h = 0.8 * w
    else:
        centre, w = marks.mean(0), 0.6 * float(np.ptp(marks[:, 0]))
        h = 1.15 * w
    x0, y0 = (max(0, int(v)) for v in (centre[0] - w, centre[1] - h))
    return slice(y0, int(centre[1] + h)), slice(x0, int(centre[0] + w))


def sheet(animators: list[Animator], strength: float = 1.0, part: str = "head", zoom: float = 1.0) -> U8:
    """uint8 [h, w, 3] RGB: a row an animator, a column an emotion."""
    rows = []
    for animator in animators:
        ys, xs = window(animator, part)
        stills = [animator.frame(pose(RECIPES[name], strength))[ys, xs] for name in EKMAN]
        rows.append(cv2.resize(np.hstack(stills), None, fx=zoom, fy=zoom, interpolation=cv2.INTER_CUBIC))
    width = min(r.shape[1] for r in rows)
    fitted = [cv2.resize(r, (width, round(r.shape[0] * width / r.shape[1]))) for r in rows]
    top = np.full((22, width, 3), 255, np.uint8)
    for k, name in enumerate(EKMAN):
        cv2.putText(
            top, name, (8 + k * width // len(EKMAN), 16), cv2.FONT_HERSHEY_SIMPLEX, 0.45, (40, 40, 40), 1, cv2.LINE_AA
        )
    return np.vstack([top, *fitted]).astype(np.uint8)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("portraits", nargs="*", type=Path, help="pictures (default: the six demo portraits)")
    parser.add_argument("-o", "--out", type=Path, default=Path("sheet.png"))
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--strength", type=float, default=1.0)
    parser.add_argument("--part", choices=("head", "face", "eyes", "mouth"), default="head")
    parser.add_argument("--zoom", type=float, default=1.0)
    args = parser.parse_args()
    paths = args.portraits or list(portraits().values())
    animators = []
    for path in paths:
        from genstudio.media.image import read_image

        animators.append(Animator(read_image(path), size=args.size))
    cv2.imwrite(str(args.out), sheet(animators, args.strength, args.part, args.zoom)[..., ::-1])
    print(f"{args.out}: {len(animators)} portraits, {', '.join(EKMAN)}")


if __name__ == "__main__":
    main()
