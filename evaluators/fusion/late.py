"""Late fusion by each recogniser's own confusion on real people.

P(class | readings) is taken proportional to prior x product over recognisers of P(reading | class) ^ weight, where P(reading |
class) comes from the recogniser's confusion matrix on held-out people (Bayes; as in the audio-visual late fusion of the ABAW 2024
entries) and the weight says how well the face is seen or the voice heard. A hidden Markov model with sticky states smooths over
time (forward-backward, Rabiner 1989).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genstudio.emotion import EKMAN
from genstudio.errors import InputError

F64 = NDArray[np.float64]
_PRIOR_COUNT = 1.0  # added to every cell of a confusion matrix: none is certain
STAY = 2.0  # seconds an emotion is expected to last in speech, for the transition matrix


@dataclass(frozen=True)
class Channel:
    """What a recogniser says when each of the seven is shown.

    classes: the names it reads; matrix [7, classes]: P(read | shown), rows in EKMAN's order; known: which rows rest on data, the
    others are the mean of those.
    """

    name: str
    classes: tuple[str, ...]
    matrix: F64
    known: tuple[bool, ...]

    @classmethod
    def of(cls, recogniser: Any) -> Channel:
        """From a shipped face or speech recogniser's facts. Raises InputError for one without a confusion matrix."""
        facts = getattr(recogniser, "facts", None)
        if facts is not None and "confusion" in facts:
            shown = read = tuple(facts["classes"])
            counts = np.asarray(facts["confusion"], float)
        else:
            config = getattr(recogniser, "config", {})
            found = config.get("figures", {}).get("unseen", {})
            if "confusion" not in found:
                name = getattr(recogniser, "name", recogniser)
                raise InputError(f"'{name}' brings no confusion matrix of real people; it cannot be fused")
            shown = read = tuple(found["recall"])
            counts = np.asarray(found["confusion"], float)
        return cls.from_counts(recogniser.name, shown, read, counts)

    @classmethod
    def from_counts(cls, name: str, shown: Sequence[str], read: Sequence[str], counts: F64) -> Channel:
        """From a confusion matrix [shown, read] of counts."""
        rows = {s: counts[i] + _PRIOR_COUNT for i, s in enumerate(shown)}
        have = [k for k in EKMAN if k in rows]
        if not have:
            raise InputError(f"'{name}' shows none of {', '.join(EKMAN)}")
        middle = np.mean([rows[k] / rows[k].sum() for k in have], 0)
        matrix = np.stack([rows[k] / rows[k].sum() if k in rows else middle for k in EKMAN])
        return cls(name, tuple(read), matrix, tuple(k in rows for k in EKMAN))

    def log_likelihood(self, posterior: F64) -> F64:
        """log P(reading | class) [n, 7] of soft readings [n, classes]: the expected log over what may have been read."""
        return np.asarray(posterior, float) @ np.log(self.matrix.T)

    def columns(self, categories: dict[str, float]) -> F64:
        """A reading's distribution over this channel's classes [classes]."""
        x = np.array([categories.get(c, 0.0) for c in self.classes], float)
        return x / x.sum() if x.sum() > 0 else np.full(len(x), 1 / len(x))


def fuse(parts: Sequence[tuple[Channel, F64, F64]], prior: F64 | None = None) -> F64:
    """Posterior over the seven [n, 7] from (channel, readings [n, classes], weights [n] 0..1) of each recogniser."""
    if not parts:
        raise InputError("there is nothing to fuse; give the readings of at least one recogniser")
    n = len(parts[0][1])
    log_p = np.tile(np.log(np.full(7, 1 / 7) if prior is None else np.asarray(prior, float)), (n, 1))
    for channel, posterior, weight in parts:
        log_p += np.asarray(weight, float)[:, None] * channel.log_likelihood(posterior)
    return _normal(log_p)


def smooth(posterior: F64, seconds: float, stay: float = STAY) -> F64:
    """Posterior [n, 7] over time, steps of `seconds`, smoothed by forward-backward with states that last `stay` seconds."""
    p = np.asarray(posterior, float)
    if len(p) < 2:
        return p
    k = p.shape[1]
    leave = min(0.9, seconds / stay)
    move = np.full((k, k), leave / (k - 1))
    np.fill_diagonal(move, 1 - leave)
    forward, backward = np.empty_like(p), np.ones_like(p)
    forward[0] = p[0] / p[0].sum()
    for t in range(1, len(p)):
        forward[t] = (forward[t - 1] @ move) * p[t]
        forward[t] /= forward[t].sum()
    for t in range(len(p) - 2, -1, -1):
        backward[t] = move @ (p[t + 1] * backward[t + 1])
        backward[t] /= backward[t].sum()
    out = forward * backward
    return out / out.sum(1, keepdims=True)


def _normal(log_p: F64) -> F64:
    p = np.exp(log_p - log_p.max(1, keepdims=True))
    return p / p.sum(1, keepdims=True)
