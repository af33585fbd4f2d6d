"""Do face, voice and text say the same? And is a difference more than the recognisers' own errors?"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genstudio.emotion import EKMAN
from genstudio.errors import InputError
from genstudio.protocols import Reading

from .late import Channel

FIGURES = Path(__file__).parent / "agreement.json"
_WORDS = {"face": "face", "speech": "voice", "text": "text"}
_ADJECTIVES = {
    "anger": "an angry", "disgust": "a disgusted", "fear": "a fearful", "joy": "a happy", "sadness": "a sad",
    "surprise": "a surprised", "neutral": "a neutral",
}  # fmt: skip
F64 = NDArray[np.float64]


@dataclass(frozen=True)
class Agreement:
    """pair: two modalities; distance: Jensen-Shannon divergence in bits, 0..1, of what each reading says of the seven after its
    recogniser's confusion; threshold: exceeded by a share of `false_alarms` of pairs of real people who show the same emotion;
    chance: mean distance of pairs with labels dealt at random; conflict: above the threshold; warning: one line, or ''."""

    pair: tuple[str, str]
    distance: float
    threshold: float
    false_alarms: float
    chance: float
    conflict: bool
    warning: str

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return asdict(self)


def belief(reading: Reading, channel: Channel | None = None) -> F64:
    """What a reading says of the seven [7]: its posterior put through the recogniser's confusion where there is one."""
    if channel is None:
        p = np.array([reading.categories.get(k, 0.0) for k in EKMAN], float)
        return p / p.sum() if p.sum() > 0 else np.full(7, 1 / 7)
    log_p = channel.log_likelihood(channel.columns(dict(reading.categories))[None])[0]
    p = np.exp(log_p - log_p.max())
    return p / p.sum()


def divergence(a: F64, b: F64) -> float:
    """Jensen-Shannon divergence in bits, 0 (the same) to 1."""
    m = (a + b) / 2

    def kl(p: F64) -> float:
        on = p > 0
        return float((p[on] * np.log2(p[on] / m[on])).sum())

    return min(1.0, max(0.0, (kl(a) + kl(b)) / 2))


def agreement(readings: Mapping[str, Reading], channels: Mapping[str, Channel] | None = None) -> list[Agreement]:
    """Every pair of the modalities 'face', 'speech', 'text' that were read. Raises InputError when fewer than two were."""
    names = [m for m in ("face", "speech", "text") if m in readings and readings[m].categories]
    if len(names) < 2:
        raise InputError("agreement needs the readings of at least two of face, speech and text")
    figures = json.loads(FIGURES.read_text(encoding="utf-8"))
    out = []
    for a, b in combinations(names, 2):
        p, q = (belief(readings[m], (channels or {}).get(m)) for m in (a, b))
        d = divergence(p, q)
        known = figures[f"{a}-{b}"]
        first, second = EKMAN[int(p.argmax())], EKMAN[int(q.argmax())]
        conflict = d > known["threshold"] and first != second
        warning = ""
        if conflict:
            warning = (
                f"{_ADJECTIVES[second]} {_WORDS[b]} with {_ADJECTIVES[first]} {_WORDS[a]}: they disagree by {d:.2f} of 1 "
                f"(real people who show the same emotion exceed {known['threshold']:.2f} in {known['false_alarms']:.0%} of cases)"
            )
        out.append(
            Agreement(
                (a, b), round(d, 4), known["threshold"], known["false_alarms"], known["chance"], conflict, warning
            )
        )
    return out
