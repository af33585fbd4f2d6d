"""What an explanation is made of."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from genstudio.protocols import Reading

NORMS = Path(__file__).parent / "norms.json"
NOTABLE = 1.0  # standard deviations from normal that are worth a clause
_MOST = 5  # clauses a sentence


@dataclass(frozen=True)
class Cue:
    """One thing measured.

    value: in `unit`; normal: what it was compared with (`against` says what that is), None when there was nothing to compare;
    z: (value − normal) in standard deviations of that normal; clause: in words, with the number; typical: emotions it is
    published to go with (`published.py`).
    """

    name: str
    value: float
    unit: str
    normal: float | None
    z: float | None
    against: str
    clause: str
    typical: tuple[str, ...] = ()

    @property
    def notable(self) -> bool:
        """Far enough from normal to be worth saying."""
        return self.z is not None and abs(self.z) >= NOTABLE


@dataclass(frozen=True)
class Explanation:
    """A reading with the cues measured beside it: all of them in `cues`, the notable ones in words by `text`."""

    reading: Reading
    cues: tuple[Cue, ...]
    against: str
    notes: tuple[str, ...] = ()

    @property
    def said(self) -> tuple[Cue, ...]:
        """The notable cues, farthest from normal first."""
        return tuple(sorted((c for c in self.cues if c.notable), key=lambda c: -abs(c.z or 0.0)))

    def text(self) -> str:
        """'pitch 38 % above …, brows lowered …: anger 0.62 by …', then what does not fit."""
        top = self.reading.top
        said = self.said[:_MOST]
        clauses = ", ".join(c.clause for c in said)
        what = _what(self.reading)
        first = f"{clauses}: {what}" if clauses else f"nothing measured stands out against {self.against}: {what}"
        if top is None or not said:
            return first
        fit = [c.name for c in said if top in c.typical]
        other = [c for c in said if c.typical and top not in c.typical]
        parts = [first]
        if fit:
            parts.append(f"typical of {top}: {', '.join(fit)}")
        if other:
            parts.append("rather typical of another: " + ", ".join(f"{c.name} ({'/'.join(c.typical)})" for c in other))
        return "; ".join(parts)

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        from genstudio.sidecar import reading_dict

        return {
            "text": self.text(), "against": self.against, "notes": list(self.notes),
            "cues": [{**asdict(c), "typical": list(c.typical), "notable": c.notable} for c in self.cues],
            "reading": reading_dict(self.reading),
        }  # fmt: skip


def _what(reading: Reading) -> str:
    parts = []
    if reading.top is not None:
        parts.append(f"{reading.top} {reading.categories[reading.top]:.2f}")
    else:
        parts += [
            f"{n} {x:+.2f}" for n, x in (("valence", reading.valence), ("arousal", reading.arousal)) if x is not None
        ]
    return f"{' '.join(parts)} by {reading.recogniser} ({reading.ceiling})"


@cache
def norms() -> Mapping[str, Any]:
    """The shipped normals: {'voice' | 'face' | 'picture': {cue: figures}, 'data': …}; see `measure.py`."""
    found: Mapping[str, Any] = json.loads(NORMS.read_text(encoding="utf-8"))
    return found


def percent(value: float, normal: float) -> str:
    """'38 % above' or '12 % below'."""
    change = 100 * (value / normal - 1)
    return f"{abs(change):.0f} % {'above' if change >= 0 else 'below'}"
