"""The emotion diarization error rate (Wang et al. 2023, Speech emotion diarization: which emotion appears when?, arXiv 2306.12991).

EDER = (false alarms + missed + confused + overlapping) / duration, in time: emotion where neutral was asked, neutral where an
emotion was asked, another emotion, and several at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from genstudio.errors import InputError

from ..measures.base import INF, measure
from .segments import Segment


@dataclass(frozen=True)
class Errors:
    """Seconds of each error, and of the whole."""

    false_alarm: float
    missed: float
    confused: float
    overlap: float
    total: float

    @property
    def rate(self) -> float:
        """EDER, 0 (all right) upwards; 1 when everything is wrong."""
        return (self.false_alarm + self.missed + self.confused + self.overlap) / self.total

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {**{k: round(v, 4) for k, v in asdict(self).items()}, "eder": round(self.rate, 4)}


def emotion_errors(asked: Sequence[Segment], read: Sequence[Segment]) -> Errors:
    """Both as segments over the same recording; what no segment covers is neutral. The duration is what either covers."""
    cuts = sorted({t for s in (*asked, *read) for t in (s.start, s.end)})
    if len(cuts) < 2:
        raise InputError("there is nothing to compare: give segments with a length")
    false_alarm = missed = confused = overlap = 0.0
    for a, b in pairwise(cuts):
        middle, length = (a + b) / 2, b - a
        want = next((s.emotion for s in asked if s.start <= middle < s.end), "neutral")
        got = [s.emotion for s in read if s.start <= middle < s.end and s.emotion != "neutral"]
        if len(set(got)) > 1:
            overlap += length
        elif want == "neutral":
            false_alarm += length if got else 0.0
        elif not got:
            missed += length
        elif got[0] != want:
            confused += length
    return Errors(false_alarm, missed, confused, overlap, cuts[-1] - cuts[0])


@measure(0, INF, "lower")
def eder(asked: Sequence[Segment], read: Sequence[Segment]) -> float:
    """Emotion diarization error rate of segments."""
    return emotion_errors(asked, read).rate


def shuffled(asked: Sequence[Segment], read: Sequence[Segment], repeats: int = 200, seed: int = 0) -> float:
    """Mean EDER when the emotions read are dealt anew among the seven: what chance gives with the same cuts."""
    from genstudio.emotion import EKMAN

    random = np.random.default_rng(seed)
    rates = []
    for _ in range(repeats):
        dealt = [Segment(str(random.choice(np.array(EKMAN))), s.start, s.end) for s in read]
        rates.append(emotion_errors(asked, dealt).rate)
    return float(np.mean(rates))
