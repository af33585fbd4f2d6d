"""Cues of a picture against the OASIS photographs, and of a text against itself without a word."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from genstudio import registry
from genstudio.protocols import Reading

from ..image.features import attributes
from .cues import Cue, norms

if TYPE_CHECKING:
    from genstudio.protocols import U8

_WORDS = {
    "brightness": ("darker", "brighter"),
    "contrast": ("flatter", "more contrast"),
    "saturation": ("paler", "more saturated"),
    "colourfulness": ("less colourful", "more colourful"),
    "warmth": ("cooler", "warmer"),
    "detail": ("plainer", "more detail"),
}
NAMES = tuple(_WORDS)
_LEAST_R = 0.1  # weaker correlations with people's ratings are not told
_MOST_WORDS = 60
_LEAST_DROP = 0.05


def cues(pixels: U8) -> tuple[Cue, ...]:
    """Attributes of uint8 [h, w, 3] against the mean of the photographs, with how such pictures were rated there."""
    table = norms()["picture"]
    against = f"the mean of {table['pictures']} photographs"
    here = attributes(pixels)
    out = []
    for name, (low, high) in _WORDS.items():
        figures = table["cues"][name]
        z = (here[name] - figures["mean"]) / figures["sd"]
        felt = []
        for axis, more, less in (("valence", "more pleasant", "less pleasant"), ("arousal", "more exciting", "calmer")):
            r = figures[axis]
            if abs(r) >= _LEAST_R:
                felt.append(f"{more if r * z > 0 else less}, r {r:+.2f}")
        rated = f"; such photographs were rated {' and '.join(felt)}" if felt else ""
        clause = f"{high if z > 0 else low} ({here[name]:.2f} against {figures['mean']:.2f}{rated})"
        out.append(Cue(name, round(here[name], 4), "", figures["mean"], round(z, 2), against, clause))
    return tuple(out)


def word_cues(text: str, reading: Reading) -> tuple[Cue, ...]:
    """How far P(read emotion) falls when a word is left out; z is that fall over 0.05."""
    judge = registry.load("evaluator:text")
    top = reading.top
    words = list(re.finditer(r"[\w'’-]+", text))
    if top is None or not 2 <= len(words) <= _MOST_WORDS:
        return ()
    p = reading.categories[top]
    out = []
    for w in words:
        rest = (text[: w.start()] + text[w.end() :]).strip()
        without = judge(rest).categories.get(top, 0.0)
        clause = f"'{w.group()}' carries {p - without:+.2f} of it ({top} {p:.2f}, {without:.2f} without the word)"
        out.append(
            Cue(w.group(), round(p, 4), f"P({top})", round(without, 4), round((p - without) / _LEAST_DROP, 2),
                "the text without the word", clause)
        )  # fmt: skip
    return tuple(out)
