"""What a protocol found, as one value, as Markdown and as JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from ..measures.table import Table
from .acted import Act


@dataclass(frozen=True)
class Report:
    """Everything a score needs to be believed.

    design: what was made and how it was read; kinship: of the scoring recogniser to what steered; table: asked against read; gated:
    the same for takes that passed the gates, None when all did or none were; controls: UAR and interval of each control beside the
    whole (`full`); text_only: what a reader of the words alone gets; gates: share of takes that passed each; acted: did each
    control act, by the same seed with and without it.
    """

    kind: str
    engine: str
    recogniser: str
    design: dict[str, Any]
    kinship: dict[str, Any]
    table: Table
    gated: Table | None
    controls: dict[str, dict[str, Any]]
    text_only: dict[str, Any] | None
    gates: dict[str, float]
    acted: dict[str, Act]
    notes: tuple[str, ...] = ()
    cues: dict[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "kind": self.kind, "engine": self.engine, "recogniser": self.recogniser, "design": self.design, "kinship": self.kinship,
            "emotion": self.table.as_dict(), "gated": self.gated.as_dict() if self.gated else None, "controls": self.controls,
            "text_only": self.text_only, "gates": self.gates,
            "acted": {k: asdict(a) for k, a in self.acted.items()}, "notes": list(self.notes),
        }  # fmt: skip

    def markdown(self) -> str:
        """For people: every figure with its ceiling, chance, interval and count."""
        t = self.table
        parts = [f"# {self.kind}: {self.engine}, read by {self.recogniser}", "", _sentence(self.design), ""]
        parts += [f"Kinship: {self.kinship['kin']}.", "", "## Asked against read", "", t.markdown(), ""]
        real = "not measured" if t.ceiling is None else f"{t.ceiling_metric} {t.ceiling:.2f}"
        if t.uar is not None:
            parts += [
                f"- on real people it never met: {real}; on these synthetic takes of the same labels: UAR {t.uar}"
            ]
        if self.gates:
            parts += ["", "## Gates passed", "", *(f"- {k}: {v:.2f} of the takes" for k, v in self.gates.items())]
        if self.gated is not None and self.gated.uar is not None:
            parts += [f"- among takes that passed all of them: UAR {self.gated.uar}"]
        if self.controls:
            parts += [
                "",
                "## One cue alone",
                "",
                "| control | UAR | 95 % | share of the whole |",
                "|---|---:|---|---:|",
            ]
            parts += [
                f"| {k} | {c['uar']:.2f} | {c['interval'][0]:.2f} to {c['interval'][1]:.2f} | {c['share']:.2f} |"
                for k, c in self.controls.items()
            ]
        if self.text_only is not None:
            x = self.text_only
            parts += ["", f"Words alone, by {x['recogniser']}: UAR {x['uar']:.2f}, chance {x['chance']:.2f}."]
        parts += [
            "",
            "## Did it act? (the same seed with and without)",
            "",
            "| control | difference | 95 % | Cohen's d | verdict |",
            "|---|---:|---|---:|---|",
        ]
        for k, a in self.acted.items():
            d = "–" if a.d is None else f"{a.d:.2f}"
            parts.append(
                f"| {k} | {a.difference.value:+.3f} | {a.difference.low:+.3f} to {a.difference.high:+.3f} | {d} | {a.verdict} |"
            )
        return "\n".join([*parts, "", *(f"- {n}" for n in self.notes)]) + "\n"


def _sentence(design: dict[str, Any]) -> str:
    return (
        "; ".join(
            f"{k.replace('_', ' ')}: {v if not isinstance(v, (list, tuple)) else ', '.join(map(str, v))}"
            for k, v in design.items()
        )
        + "."
    )
