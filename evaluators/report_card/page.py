"""A report card as HTML: one file that opens in any browser, offline."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from genstudio.report import STYLE

_COLOURS = {"good": "#15803d", "look": "#b45309", "bad": "#b91c1c", "told": "#64748b", "not measured": "#94a3b8"}


def table(card: Mapping[str, Any]) -> str:
    """The rows of `ReportCard.as_dict()` as an HTML table."""
    lines = []
    for row in card["rows"]:
        value = "not measured" if row["value"] is None else f"{row['value']}"
        lines.append(
            f"<tr><td><span class='dot' style='background:{_COLOURS[row['verdict']]}' title='{row['verdict']}'></span>"
            f"{escape(row['name'])}</td><td><b>{escape(value)}</b> {escape(row['unit'])}"
            f"<div class='soft'>{escape(row['beside'])}</div></td></tr>"
        )
    warned = "".join(f"<p><b>{escape(w)}</b></p>" for w in card["warnings"])
    return f"<table>{''.join(lines)}</table>{warned}"


def page(card: Mapping[str, Any], file: Path) -> str:
    """The whole page; the medium is referred to by name, so it may be moved with it."""
    name = escape(file.name)
    player = {
        "audio": f'<audio controls src="{name}"></audio>',
        "video": f'<video controls src="{name}" style="max-width:420px"></video>',
        "image": f'<img src="{name}" alt="the picture" style="max-width:420px">',
    }[card["kind"]]
    legend = " ".join(f"<span class='dot' style='background:{c}'></span>{escape(v)}" for v, c in _COLOURS.items())
    return f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>report card: {name}</title>
<meta name="viewport" content="width=device-width,initial-scale=1"><style>{STYLE}</style></head><body><main>
<h1>Report card: {name}</h1><section class="card">{player}{table(card)}
<p class="soft">{legend}</p></section>
<p class="soft">Measured on the file as it lies here. Recognisers err at the rates shown; none tells what a real person feels.</p></main></body></html>
"""
