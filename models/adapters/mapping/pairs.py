"""Prompt pairs out of a folder of rated pictures: the same subject said plainly and said as the picture feels.

EmotiCrafter had such pairs written by a language model. Here they are put together from what the folder and the pixels say: subject
(theme or label), measured light and colour (EmoSet's attributes), and the rated word nearest in valence and arousal.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from genstudio import registry
from genstudio.emotion.norms import words
from genstudio.errors import MissingDataError
from genstudio.media.image import read_image

LAYOUTS = ("oasis", "emoset", "findingemo")
LEAST = 16
_SIDE = 96
_WORDS = re.compile(r"[a-z]{3,}( [a-z]{2,}){0,4}")  # a file named by what it shows, not by a number or an address


@dataclass(frozen=True)
class Pair:
    """plain, felt: prompts; va: valence, arousal (-1..1) of the picture; group: pictures held out together."""

    plain: str
    felt: str
    va: tuple[float, float]
    group: str


def pairs_of(folder: Path, limit: int | None = None) -> list[Pair]:
    """Pairs of every rated picture of a folder laid out as OASIS, EmoSet or FindingEmo. Raises MissingDataError, MediaError."""
    items: list[Any] = []
    if folder.is_dir():
        found, items = registry.load("tool:layouts")(folder)
        items = [i for i in items if i.target is not None] if found in LAYOUTS else []
    if len(items) < LEAST:
        raise MissingDataError(
            f"'{folder}' holds {len(items)} rated pictures; at least {LEAST} laid out as {', '.join(LAYOUTS)} are needed "
            "(genstudio data list says where to get them)"
        )
    if limit is not None and limit < len(items):
        chosen = np.random.default_rng(0).permutation(len(items))[: max(limit, LEAST)]
        items = [items[i] for i in sorted(chosen)]
    return [pair_of(i.path, i.label, (i.target.valence, i.target.arousal), i.cluster) for i in items]


def pair_of(path: Path, label: str, va: tuple[float, float], cluster: str = "") -> Pair:
    """The pair of one picture. Raises MediaError."""
    theme = re.sub(r"[\d_\W]+", " ", path.stem).strip().lower()
    named = theme != label and _WORDS.fullmatch(theme) is not None
    subject = theme if named else "a scene"
    pixels = read_image(path, _SIDE)
    said = ", ".join([nearest_word(va), *look_of(pixels)])
    return Pair(
        f"a photograph of {subject}",
        f"{said}, a photograph of {subject}",
        va,
        cluster or (theme if named else path.stem),
    )


def nearest_word(va: tuple[float, float]) -> str:
    """The rated word (Russell & Mehrabian 1977) nearest to valence and arousal; 'neutral' near the origin.

    >>> nearest_word((0.0, 0.0))
    'neutral'
    """
    if va[0] ** 2 + va[1] ** 2 < 0.15**2:
        return "neutral"
    return min(words(), key=lambda w: (words()[w][0] - va[0]) ** 2 + (words()[w][1] - va[1]) ** 2)


def look_of(pixels: np.ndarray) -> list[str]:
    """Words for the light and colour of uint8 [h, w, 3] RGB: brightness and colourfulness (Hasler & Süsstrunk 2003)."""
    x = pixels.astype(np.float64)
    light = float((x @ (0.299, 0.587, 0.114)).mean()) / 255
    rg, yb = x[..., 0] - x[..., 1], (x[..., 0] + x[..., 1]) / 2 - x[..., 2]
    colour = float(np.hypot(rg.std(), yb.std()) + 0.3 * np.hypot(rg.mean(), yb.mean()))
    out = []
    if light > 0.6 or light < 0.35:
        out.append("bright light" if light > 0.6 else "dim light")
    if colour > 55 or colour < 20:
        out.append("vivid colours" if colour > 55 else "muted colours")
    return out
