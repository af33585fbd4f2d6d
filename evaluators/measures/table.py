"""Requested against achieved: the table that every generator's card carries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from genstudio.emotion import EKMAN, Emotion
from genstudio.errors import InputError
from genstudio.protocols import Reading

from .classification import confusion, recalls, uar
from .intervals import Interval, bootstrap, shuffled_labels
from .regression import control_linearity

AXES = ("valence", "arousal", "dominance")


@dataclass(frozen=True)
class Table:
    """What was asked for and what a recogniser read.

    classes: rows of `confusion` (asked) and its columns (read), canonical names; `asked_only`: asked but unknown to the
    recogniser, left out of recall. linearity: Spearman correlation an axis between request and reading, None where the axis
    cannot be read or did not vary.
    """

    recogniser: str
    classes: tuple[str, ...]
    confusion: tuple[tuple[int, ...], ...]
    counts: dict[str, int]
    recall: dict[str, float]
    uar: Interval | None
    chance: float
    shuffled: Interval | None
    ceiling: float | None
    ceiling_metric: str
    share_of_ceiling: float | None
    linearity: dict[str, Interval | None]
    asked_only: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""

        def plain(x: Interval | None) -> Any:
            return None if x is None else {"value": round(x.value, 4), "interval": [round(x.low, 4), round(x.high, 4)]}

        return {
            "recogniser": self.recogniser, "classes": list(self.classes), "confusion": [list(r) for r in self.confusion],
            "counts": self.counts, "recall": {k: round(v, 4) for k, v in self.recall.items()}, "uar": plain(self.uar),
            "chance": round(self.chance, 4), "shuffled": plain(self.shuffled),
            "ceiling": {"metric": self.ceiling_metric, "value": self.ceiling}, "share_of_ceiling": self.share_of_ceiling,
            "linearity": {k: plain(v) for k, v in self.linearity.items()}, "asked_only": list(self.asked_only),
        }  # fmt: skip

    def markdown(self) -> str:
        """The table for a card."""
        head = "| asked \\ read | " + " | ".join(self.classes) + " | n | recall |"
        rule = "|---|" + "---:|" * (len(self.classes) + 2)
        rows = [
            f"| {name} | " + " | ".join(map(str, row)) + f" | {sum(row)} | "
            + (f"{self.recall[name]:.2f}" if name in self.recall else "–") + " |"
            for name, row in zip(self.classes, self.confusion, strict=True)
        ]  # fmt: skip
        tail = [
            f"recogniser {self.recogniser}; its own "
            + (
                f"{self.ceiling_metric} on held-out people {self.ceiling:.2f}; "
                if self.ceiling is not None
                else "ceiling not measured; "
            )
            + f"chance {self.chance:.2f}"
        ]
        if self.uar is not None:
            tail.append(
                f"UAR {self.uar}; labels dealt at random {self.shuffled}; share of ceiling {self.share_of_ceiling}"
            )
        tail += [f"Spearman {axis}: {value}" for axis, value in self.linearity.items() if value is not None]
        if self.asked_only:
            tail.append(f"not readable by it, left out: {', '.join(self.asked_only)}")
        return "\n".join([head, rule, *rows, "", *(f"- {t}" for t in tail)])


def requested_vs_achieved(
    rows: Iterable[tuple[Emotion, Reading]], clusters: Sequence[Any] | None = None, repeats: int = 1000, seed: int = 0
) -> Table:
    """rows: (what was asked, what was read), one an output; clusters: speaker, identity or sentence of each, for intervals."""
    pairs = list(rows)
    if not pairs:
        raise InputError("there are no outputs to compare")
    names = {r.recogniser for _, r in pairs}
    if len(names) > 1:
        raise InputError(f"one table takes one recogniser; got {sorted(names)}")
    groups = list(clusters) if clusters is not None else list(range(len(pairs)))
    ceiling = pairs[0][1].ceiling
    known = tuple(n for n in EKMAN if n in set(ceiling.classes) | {k for _, r in pairs for k in r.categories})
    asked = [max(e.ekman().items(), key=lambda kv: kv[1])[0] for e, _ in pairs]
    can = [i for i, a in enumerate(asked) if a in known and pairs[i][1].categories]
    kept = [asked[i] for i in can]
    read = [_top(pairs[i][1], known) for i in can]
    found = bootstrap(uar, kept, read, clusters=[groups[i] for i in can], repeats=repeats, seed=seed) if can else None
    table = confusion(kept, read, known) if can else None
    chance = 1.0 / max(len(known), 1)
    linearity: dict[str, Interval | None] = {}
    for axis in AXES:
        both = [
            (getattr(e, axis), getattr(r, axis), g)
            for (e, r), g in zip(pairs, groups, strict=True)
            if getattr(r, axis) is not None
        ]
        if len(both) < 3 or len({b[0] for b in both}) < 2:
            linearity[axis] = None
            continue
        want, got, which = zip(*both, strict=True)
        linearity[axis] = bootstrap(control_linearity, want, got, clusters=which, repeats=repeats, seed=seed)
    return Table(
        names.pop(), known, tuple(tuple(int(x) for x in row) for row in table) if table is not None else (),
        {n: kept.count(n) for n in known if n in kept}, recalls(kept, read) if can else {}, found, chance,
        shuffled_labels(uar, kept, read, seed=seed) if can else None, ceiling.value, ceiling.metric,
        round(found.value / ceiling.value, 3) if found and ceiling.value and ceiling.metric in ("UAR", "accuracy") else None,
        linearity, tuple(sorted(set(asked) - set(known))),
    )  # fmt: skip


def _top(reading: Reading, known: tuple[str, ...]) -> str:
    return max(known, key=lambda n: reading.categories.get(n, 0.0))
