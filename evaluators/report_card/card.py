"""Rows and their verdicts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

VERDICTS = ("good", "look", "bad", "told", "not measured")
_MARKS = {"good": "ok", "look": "look", "bad": "BAD", "told": "", "not measured": "-"}


@dataclass(frozen=True)
class Row:
    """One line. value: what was measured, None when it was not; unit; beside: what it should be or is read against;
    verdict: 'good', 'look' (worth looking at or listening to), 'bad', 'told' (a figure without a right or wrong),
    'not measured' (then `beside` says why). gate: a take that fails it should not be scored for emotion."""

    name: str
    value: float | str | None
    unit: str
    beside: str
    verdict: str
    gate: bool = False

    def line(self) -> str:
        """For a terminal."""
        value = "not measured" if self.value is None else _shown(self.value)
        return (
            f"{_MARKS[self.verdict]:>4}  {self.name:<20} {(value + ' ' + self.unit).strip():<26} {self.beside}".rstrip()
        )


@dataclass(frozen=True)
class ReportCard:
    """What a file shows. kind: 'audio', 'video', 'image'."""

    kind: str
    rows: tuple[Row, ...]
    warnings: tuple[str, ...] = ()

    @property
    def gates(self) -> dict[str, bool]:
        """Which gates were passed, by name: intelligible, same speaker, same face, in sync. Only those measured."""
        return {r.name: r.verdict == "good" for r in self.rows if r.gate and r.value is not None}

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "kind": self.kind, "rows": [asdict(r) for r in self.rows], "gates": self.gates, "warnings": list(self.warnings),
        }  # fmt: skip

    def lines(self) -> list[str]:
        """For a terminal."""
        return [*(r.line() for r in self.rows), *self.warnings]

    @classmethod
    def of(cls, kind: str, parts: Iterable[Iterable[Row]], warnings: Iterable[str] = ()) -> ReportCard:
        """From groups of rows."""
        return cls(kind, tuple(r for part in parts for r in part), tuple(warnings))


def missing(name: str, why: str, gate: bool = False) -> Row:
    """A row that could not be measured."""
    return Row(name, None, "", why, "not measured", gate)


def identity(name: str, alike: float, judge: Any, one: str) -> Row:
    """A similarity beside its recogniser's measured figures. one: words for pairs of one person."""
    c = judge.ceiling
    if c is None:
        return Row(name, round(alike, 3), "", f"by {judge.name}, not measured on people", "told", True)
    beside = (
        f"{one} {c.same:.2f}, two people {c.other:.2f}, decided at {c.threshold:.2f}; {judge.name}, EER {c.value:.2f}"
    )
    return Row(name, round(alike, 3), "", beside, "good" if alike >= c.threshold else "look", True)


def _shown(value: float | str) -> str:
    if isinstance(value, str):
        return value
    if 0 < abs(value) < 0.1:
        return f"{value:.2g}"
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.2f}" if abs(value) < 10 else f"{value:.1f}"
