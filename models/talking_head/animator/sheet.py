"""A contact sheet of stills: `python -m genstudio.models.talking_head.animator.sheet -o sheet.png`.

Portraits by rows, the seven emotions (the motion generator's recipes) by columns, or with `--turns` a head asked to turn;
`--part mouth|eyes|face` looks closely.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from genstudio.emotion import EKMAN
from genstudio.signals.arkit import CHANNELS

from ..motion.generator.emotions import RECIPES, expand
from ..portraits import portraits
from .animator import SUPERSAMPLING, Animator

U8 = NDArray[np.uint8]
F32 = NDArray[np.float32]

TURNS = tuple([("headYaw", k) for k in (10, 20, 30)] + [("headPitch", k) for k in (10, 20, -10, -20)])


def posed(strength: float = 1.0) -> dict[str, F32]:
    """Channel values [62] of each emotion's recipe."""
    return {name: strength * expand(RECIPES[name]) for name in EKMAN}


def turned() -> dict[str, F32]:
    """Channel values [62] of a head asked to turn by so many degrees."""
    out = {}
    for channel, degrees in TURNS:
        values = np.zeros(len(CHANNELS), np.float32)
        values[CHANNELS.index(channel)] = np.deg2rad(degrees)
        out[f"{channel[4:].lower()} {degrees}"] = values
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


def sheet(animators: list[Animator], poses: dict[str, F32], part: str = "head", zoom: float = 1.0) -> U8:
    """uint8 [h, w, 3] RGB: a row an animator, a column a pose."""
    rows = []
    for animator in animators:
        ys, xs = window(animator, part)
        stills = [animator.frame(values)[ys, xs] for values in poses.values()]
        rows.append(cv2.resize(np.hstack(stills), None, fx=zoom, fy=zoom, interpolation=cv2.INTER_CUBIC))
    width = min(r.shape[1] for r in rows)
    fitted = [cv2.resize(r, (width, round(r.shape[0] * width / r.shape[1]))) for r in rows]
    top = np.full((22, width, 3), 255, np.uint8)
    for k, name in enumerate(poses):
        cv2.putText(
            top, name, (8 + k * width // len(poses), 16), cv2.FONT_HERSHEY_SIMPLEX, 0.45, (40, 40, 40), 1, cv2.LINE_AA
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
    parser.add_argument("--turns", action="store_true", help="the head turned and tilted, instead of emotions")
    args = parser.parse_args()
    paths = args.portraits or list(portraits().values())
    poses = turned() if args.turns else posed(args.strength)
    animators = []
    for path in paths:
        from genstudio.media.image import read_image

        animators.append(Animator(read_image(path), size=args.size))
    picture = sheet(animators, poses, args.part, args.zoom)
    cv2.imwrite(str(args.out), picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 88])
    print(f"{args.out}: {len(animators)} portraits, {', '.join(poses)}")


if __name__ == "__main__":
    main()
