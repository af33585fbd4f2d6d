"""Compound expressions from basic probabilities, by rule.

As in rule-based late fusion for the C-EXPR challenge (SUN team, ABAW 2024): a compound is as likely as its two parts together, the
product of their probabilities, each averaged over the recognisers that read it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from genstudio.emotion.norms import COMPOUNDS
from genstudio.errors import InputError


def compounds(readings: Sequence[Mapping[str, float]], weights: Sequence[float] | None = None) -> dict[str, float]:
    """The seven compounds as a distribution, most likely first, from the category distributions of face, voice and text.

    weights: how much each reading counts. A reading that does not know a part (a voice recogniser without surprise) is left out
    of that part's mean.

    >>> next(iter(compounds([{"fear": 0.5, "surprise": 0.4, "joy": 0.1}])))
    'fearfully surprised'
    """
    if not readings:
        raise InputError("compound expressions need at least one reading")
    share = list(weights) if weights is not None else [1.0] * len(readings)
    if len(share) != len(readings) or min(share) < 0 or sum(share) <= 0:
        raise InputError("give one weight from 0 up for each reading, not all 0")

    def mean(name: str) -> float:
        have = [(r[name], w) for r, w in zip(readings, share, strict=True) if name in r and w > 0]
        return sum(p * w for p, w in have) / sum(w for _, w in have) if have else 0.0

    scores = {name: mean(a) * mean(b) for name, (a, b) in COMPOUNDS.items()}
    total = sum(scores.values())
    if total <= 0:
        return {name: 1 / len(scores) for name in scores}
    return dict(sorted(((n, s / total) for n, s in scores.items()), key=lambda kv: -kv[1]))
