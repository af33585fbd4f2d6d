"""Speaking faces on one sheet: `python -m genstudio.models.talking_head.sheet -o speaking.jpg`.

The demo portraits by rows and the seven emotions by columns, one moment of the same sentence; below them consecutive frames.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from genstudio import registry
from genstudio.emotion import EKMAN, Emotion
from genstudio.media.image import read_image, write_image
from genstudio.protocols import Motion, Speech

from .evaluate import sentences

U8 = NDArray[np.uint8]


def frames(portrait: U8, speech: Speech, emotion: str, seed: int, at: slice, size: int) -> list[U8]:
    """The frames `at` of a speaking portrait; only they are drawn."""
    head = registry.load("head:embedded")
    asked = Emotion.parse(emotion)
    motion = head(portrait, speech, asked, seed=seed, size=size).motion
    part = Motion(motion.values[at], motion.channels, motion.fps)
    return list(head(portrait, speech, asked, seed=seed, size=size, motion=part).frames())


def named(row: U8) -> U8:
    """The emotions' names above a row of seven."""
    top = np.full((20, row.shape[1], 3), 255, np.uint8)
    for k, name in enumerate(EKMAN):
        left = 6 + k * row.shape[1] // len(EKMAN)
        cv2.putText(top, name, (left, 14), cv2.FONT_HERSHEY_SIMPLEX, 0.42, (40, 40, 40), 1, cv2.LINE_AA)
    return np.vstack([top, row])


def sheet(speech: Speech, size: int, moment: int, strip: str, count: int = 14) -> U8:
    """uint8 [h, w, 3] RGB."""
    faces = [read_image(path) for path in registry.load("head:embedded").portraits().values()]
    once = slice(moment, moment + 1)
    rows = [np.hstack([frames(f, speech, e, k, once, size)[0] for e in EKMAN]) for k, f in enumerate(faces)]
    run = frames(faces[0], speech, strip, 1, slice(moment - 4, moment - 4 + count), size)
    rows[0] = named(rows[0])
    gap = np.full((8, rows[0].shape[1], 3), 255, np.uint8)
    return np.vstack([*rows, gap, *(np.hstack(run[k : k + len(EKMAN)]) for k in range(0, count, len(EKMAN)))])


def main() -> None:
    p = argparse.ArgumentParser(prog="genstudio.models.talking_head.sheet", description=__doc__)
    p.add_argument("--data", type=Path, default=Path(os.environ.get("GENSTUDIO_DATA", "data")))
    p.add_argument("-o", "--out", type=Path, default=Path("speaking.jpg"))
    p.add_argument("--size", type=int, default=160)
    p.add_argument("--moment", type=int, default=21, help="frame of the sentence that is shown")
    p.add_argument("--strip", choices=EKMAN, default="joy", help="emotion of the consecutive frames")
    a = p.parse_args()
    write_image(a.out, sheet(sentences(a.data, 1)[0], a.size, a.moment, a.strip))
    print(a.out)


if __name__ == "__main__":
    main()
