"""A portrait animator as small as can be: what moves in the driving video is laid over the portrait.

    python carry.py --portrait me.png --driving face.mp4 --out out.mp4

It stands for LivePortrait and its like: see animator.json beside it, and docs/engines.md.
"""

from __future__ import annotations

import argparse
from fractions import Fraction

import av
import numpy as np
from PIL import Image


def main() -> None:
    p = argparse.ArgumentParser(description=__doc__)
    p.add_argument("--portrait", required=True)
    p.add_argument("--driving", required=True)
    p.add_argument("--out", required=True)
    a = p.parse_args()
    with av.open(a.driving) as source, av.open(a.out, "w") as out:
        given = source.streams.video[0]
        portrait = Image.open(a.portrait).convert("RGB").resize((given.width, given.height))
        still, first = np.asarray(portrait, np.float32), None
        video = out.add_stream("libx264", rate=Fraction(given.average_rate))
        video.width, video.height, video.pix_fmt = given.width, given.height, "yuv420p"
        for frame in source.decode(given):
            now = frame.to_ndarray(format="rgb24").astype(np.float32)
            first = now if first is None else first
            moved = np.clip(still + now - first, 0, 255).astype(np.uint8)
            out.mux(video.encode(av.VideoFrame.from_ndarray(moved, format="rgb24")))
        out.mux(video.encode(None))


if __name__ == "__main__":
    main()
