"""A contact sheet: prompts in rows, emotions in columns.

python -m genstudio.models.image.sheet --out docs/images/emotions.jpg
"""

from __future__ import annotations

import argparse
import io
import sys
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from genstudio.emotion import EKMAN, Emotion

from .engine import WEIGHTS, ImageModel

PROMPTS = (
    "a lake in the mountains",
    "an old town street",
    "a path through the woods",
    "a castle on a hill",
    "a beach by the sea",
    "a village with a church",
    "a lighthouse on a cliff",
    "a canal with boats",
)
MARGIN, GAP = 20, 4


def main(argv: list[str] | None = None) -> None:
    """Command line."""
    p = argparse.ArgumentParser(prog="python -m genstudio.models.image.sheet", description=__doc__)
    p.add_argument("--prompts", nargs="*", default=list(PROMPTS))
    p.add_argument("--emotions", nargs="*", default=list(EKMAN))
    p.add_argument("--size", type=int, default=256)
    p.add_argument("--seed", type=int, default=7)
    p.add_argument("--one-seed", action="store_true", help="the same seed in a whole row")
    p.add_argument("--style", default="oil")
    p.add_argument("--composer", default="learned")
    p.add_argument("--weights", type=Path, default=WEIGHTS)
    p.add_argument("--most", type=int, default=600_000, help="bytes of the JPEG")
    p.add_argument("--out", type=Path, default=Path("sheet.jpg"))
    a = p.parse_args(argv)
    engine = ImageModel.load(a.weights)
    rows = []
    for i, prompt in enumerate(a.prompts):
        row = []
        for j, name in enumerate(a.emotions):
            seed = a.seed + 100 * i + (0 if a.one_seed else j)
            picture = engine(
                prompt, Emotion.parse(name), size=(a.size, a.size), seed=seed, style=a.style, composer=a.composer
            )
            row.append(picture.pixels)
        rows.append(row)
        print(prompt, file=sys.stderr, flush=True)
    a.out.parent.mkdir(parents=True, exist_ok=True)
    a.out.write_bytes(jpeg(sheet(rows, a.emotions), a.most))


def sheet(rows: list[list[np.ndarray]], names: list[str]) -> Image.Image:
    """Pictures of one size on a dark ground, with the emotions' names on top."""
    side = rows[0][0].shape[0] + GAP
    out = Image.new("RGB", (GAP + side * len(rows[0]), MARGIN + side * len(rows)), (24, 24, 26))
    draw = ImageDraw.Draw(out)
    for j, name in enumerate(names):
        draw.text((GAP + side * j + side / 2, MARGIN / 2), name, fill=(220, 220, 220), anchor="mm")
    for i, row in enumerate(rows):
        for j, pixels in enumerate(row):
            out.paste(Image.fromarray(pixels), (GAP + side * j, MARGIN + side * i))
    return out


def jpeg(picture: Image.Image, most: int) -> bytes:
    """JPEG of the best quality that fits `most` bytes; smaller when none does."""
    while True:
        for quality in range(92, 59, -4):
            buffer = io.BytesIO()
            picture.save(buffer, "JPEG", quality=quality, optimize=True)
            if buffer.tell() <= most:
                return buffer.getvalue()
        picture = picture.resize((picture.width * 4 // 5, picture.height * 4 // 5), Image.Resampling.LANCZOS)


if __name__ == "__main__":
    main()
