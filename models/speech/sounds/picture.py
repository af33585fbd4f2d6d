"""Draws docs/images/sounds.jpg: `python -m genstudio.models.speech.sounds.picture --data DIR --out FILE.jpg`.

A row a sound: bursts of people that nothing here learned from, one a person, beside sounds made by the default voice, each analysed
from sound: envelope (0 to 12 kHz, mel) and pitch.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from genstudio import registry
from genstudio.media.files import writing
from genstudio.media.rates import FRAME_RATE

from .data import Burst, bursts
from .evaluate import made_by
from .kinds import SOUNDS

EACH = 4
_PANEL, _TITLE = (154, 80), 24  # pixels; one a frame, one an envelope point
_RANGE = 9.0  # nepers of power below the loudest point that are drawn
_OCTAVES = (-1.5, 2.0)  # of pitch against the voice's own, bottom to top of a panel
_DARK, _RED, _YELLOW = (32, 32, 32), (255, 60, 50), (255, 255, 0)


def panel(burst: Burst) -> NDArray[np.uint8]:
    """RGB uint8 [80, T, 3], at most as wide as a panel: high frequencies on top, the pitch in red where it is voiced."""
    envelope = (burst.envelope + burst.person.spectrum)[: _PANEL[0]]
    grey = np.clip(1 + (envelope - envelope.max()) / _RANGE, 0, 1).T[::-1]
    out = np.repeat((255 * grey).astype(np.uint8)[..., None], 3, 2)
    low, high = _OCTAVES
    at = np.clip((high - burst.pitch[: _PANEL[0]]) / (high - low) * (len(out) - 2), 0, len(out) - 2).astype(int)
    for t in np.flatnonzero(burst.voiced[: _PANEL[0]]):
        out[at[t] : at[t] + 2, t] = _RED
    return out


def some_of(found: Iterable[Burst], each: int = EACH) -> list[Burst]:
    """The first `each` of every kind, one a person and kind; stops as soon as there are enough."""
    kept: dict[str, dict[str, Burst]] = {k: {} for k in SOUNDS}
    for b in found:
        if b.kind and len(kept[b.kind]) < each:
            kept[b.kind].setdefault(b.name, b)
        if all(len(v) == each for v in kept.values()):
            break
    return [b for v in kept.values() for b in v.values()]


def sheet(people: Sequence[Burst], made: Sequence[Burst]) -> Image.Image:
    """A row a sound: people's, then made ones."""
    width, height = _PANEL[0], _PANEL[1] + _TITLE
    out = Image.new("RGB", (2 * EACH * width, len(SOUNDS) * height), _DARK)
    pen = ImageDraw.Draw(out)
    for row, kind in enumerate(SOUNDS):
        for first, label, some in ((0, "person", people), (EACH, "made", made)):
            for k, burst in enumerate([b for b in some if b.kind == kind][:EACH]):
                x, y = (first + k) * width, row * height
                title = f"{kind}: {label}, {len(burst.envelope) / FRAME_RATE:.1f} s"
                pen.text((x + 3, y + 6), title, fill=_YELLOW)
                out.paste(Image.fromarray(panel(burst)), (x, y + _TITLE))
    return out


def main(argv: list[str] | None = None) -> None:
    """Command line."""
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--data", type=Path, default=Path(os.environ.get("GENSTUDIO_DATA", "data")))
    p.add_argument("--out", type=Path, default=Path("sounds.jpg"))
    a = p.parse_args(argv)
    engine = registry.load("speech:embedded")
    made = [b for _, b, _ in made_by(engine, [engine.voices()[0]["name"]], EACH)]
    with writing(a.out) as path:
        sheet(some_of(bursts(a.data, "score")), made).save(path, quality=88)


if __name__ == "__main__":
    main()
