"""The picture of the README: seven emotions, a talking head and three paintings each. `python tools/showcase.py [OUT.jpg]`"""

from __future__ import annotations

import sys
from itertools import islice
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from genstudio import Studio
from genstudio.emotion import EKMAN

SIDE = 224
PROMPTS = ("a lake in the mountains", "a street in the old town", "a lighthouse by the sea")


def main(out: Path) -> None:
    """Make everything with one seed and lay it out."""
    studio = Studio(score=False)
    voice = studio.speak("I never thought I'd see you again.", "neutral", seed=1)
    sheet = Image.new("RGB", (SIDE * len(EKMAN), SIDE * (1 + len(PROMPTS)) + 30), "white")
    pen = ImageDraw.Draw(sheet)
    for column, name in enumerate(EKMAN):
        pen.text(((column + 0.5) * SIDE, 15), name, fill="black", font=ImageFont.load_default(18), anchor="mm")
        head = studio.animate(f"portrait_{1 + column % 6}", voice, name, seed=2).output
        frame = np.asarray(next(iter(islice(head.frames(), 22, 23))))  # type: ignore[union-attr]
        sheet.paste(Image.fromarray(frame).resize((SIDE, SIDE), Image.Resampling.LANCZOS), (column * SIDE, 30))
        for row, prompt in enumerate(PROMPTS, 1):
            pixels = studio.paint(prompt, name, size=SIDE, seed=4 + row).output.pixels  # type: ignore[union-attr]
            sheet.paste(Image.fromarray(pixels), (column * SIDE, 30 + row * SIDE))
    out.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(out, quality=88)
    print(out)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/images/showcase.jpg"))
