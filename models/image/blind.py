"""Pictures for a blind reading: prompts times the seven emotions, another seed each, with a table of what was asked.

python -m genstudio.models.image.blind --out runs/blind
genstudio blind deal runs/blind --targets runs/blind/targets.csv -o reading/
"""

from __future__ import annotations

import argparse
import csv
import io
from pathlib import Path

from genstudio.emotion import EKMAN, Emotion
from genstudio.media.files import write_text
from genstudio.media.image import write_image

from .engine import COMPOSERS, WEIGHTS, ImageModel
from .sheet import PROMPTS


def main(argv: list[str] | None = None) -> None:
    """Command line."""
    p = argparse.ArgumentParser(
        prog="python -m genstudio.models.image.blind",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    p.add_argument("--prompts", nargs="*", default=list(PROMPTS))
    p.add_argument("--size", type=int, default=320)
    p.add_argument("--seed", type=int, default=0)
    p.add_argument("--composer", default="learned", choices=COMPOSERS)
    p.add_argument("--weights", type=Path, default=WEIGHTS)
    p.add_argument("--out", type=Path, default=Path("runs/blind"))
    a = p.parse_args(argv)
    engine = ImageModel.load(a.weights)
    table = io.StringIO()
    rows = csv.writer(table, lineterminator="\n")
    rows.writerow(["file", "emotion", "reference"])
    for i, prompt in enumerate(a.prompts):
        for j, name in enumerate(EKMAN):
            seed = 1000 * a.seed + len(EKMAN) * i + j
            picture = engine(prompt, Emotion.parse(name), size=(a.size, a.size), seed=seed, composer=a.composer)
            write_image(a.out / f"{i:02d}-{name}.png", picture.pixels)
            rows.writerow([f"{i:02d}-{name}.png", name, prompt])
    write_text(a.out / "targets.csv", table.getvalue())


if __name__ == "__main__":
    main()
