"""The card of a recogniser that a user trained."""

from __future__ import annotations

from typing import Any

_NAMES = {
    "both": "face and voice", "face": "face alone", "voice": "voice alone",
    "late_fusion": "late fusion of the shipped recognisers, both streams",
}  # fmt: skip


def card(facts: dict[str, Any], command: str) -> str:
    """Markdown: data, training, figures on held-out speakers, limits."""
    f, learnt = facts["figures"], facts["learnt_from"]
    watched = f"; {', '.join(learnt['watched'])} watched to choose the epoch" if learnt["watched"] else ""
    shown = ", ".join(f"{k} {n}" for k, n in learnt["shown"].items())
    before = f" after up to {facts['pretrained']} of pretraining" if facts["pretrained"] else ""
    lines = [
        "# Face and voice, read together", "",
        f"Attention fusion (temporal alignment and perception attention), {facts['parameters']:,} parameters, over rows of the "
        "shipped face and voice recognisers.", "",
        "## Data", f"{facts['data']}: {learnt['clips']} clips of {len(learnt['speakers'])} speakers to learn from "
        f"({shown}){watched}; {f['clips']} clips of {len(f['speakers'])} "
        f"held-out speakers: {', '.join(f['speakers'])}. The terms are those of the data.", "",
        "## Training", f"`{command}`", "",
        f"{facts['epochs']} epochs{before}, the weights of epoch {facts['kept_epoch']} kept"
        + f", seed {facts['seed']}, {facts['seconds']:.0f} s on one CPU thread"
        + ("." if facts["finished"] else "; stopped before its end."), "",
        "## Measured on held-out speakers, which chose nothing",
        "| read | UAR | 95 % interval | clips | calibration error |", "|---|---|---|---|---|",
    ]  # fmt: skip
    for key, name in _NAMES.items():
        if x := f[key]:
            low, high = x["interval"]
            lines.append(
                f"| {name} | {x['uar']:.3f} | {low:.3f} to {high:.3f} | {x['clips']} | {x['calibration_error']:.3f} |"
            )
    lines += [f"| chance | {f['chance']:.3f} | | | |", "", f"Interval over {f['interval_over']}.", ""]
    if f["both"]:
        classes = facts["classes"]
        lines += [
            "Shown (rows), read (columns), face and voice:",
            "",
            "| | " + " | ".join(classes) + " |",
            "|---" * (len(classes) + 1) + "|",
        ]
        lines += [
            f"| {k} | " + " | ".join(map(str, row)) + " |"
            for k, row in zip(classes, f["both"]["confusion"], strict=True)
        ]
        lines.append("")
    lines += [
        "## Limits", "What actors show when asked is clearer than what people show. People unlike the speakers above, other "
        "cameras, rooms and languages are read worse than these figures. Late fusion never learned from this set, so a lead "
        "over it is also a lead by knowing the set. It tells what is expressed, not what a person feels.", "",
    ]  # fmt: skip
    return "\n".join(lines)
