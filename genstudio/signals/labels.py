"""Phone labels made by hand, as corpora keep them."""

from __future__ import annotations

from pathlib import Path

from genstudio.protocols import Span

_SILENT = {"", ".", "..", "_", "-", "p:", "@p"}


def read_lablaut(path: Path, limit: float) -> list[Span]:
    """Phones of an ESPS xlabel file: each line is an end time, a colour and a SAMPA symbol with diacritics in further columns.

    `!x` is the release of the stop x: joined to it. Lines without a symbol lengthen the phone before them.
    """
    spans: list[Span] = []
    last = 0.0
    body = path.read_text(encoding="latin-1").split("#\n", 1)[-1]
    for line in body.splitlines():
        columns = line.split(None, 2)
        if len(columns) < 2:
            continue
        end = min(float(columns[0]), limit)
        symbol = columns[2].split()[0] if len(columns) > 2 else ""
        if symbol.startswith(("+", "-")):
            symbol = ""
        start, last = last, end
        if end <= start:
            continue
        bare = symbol.lstrip("!").split("asp")[0]
        joins = (
            spans
            and abs(spans[-1].end - start) < 1e-6
            and (not bare or ((symbol[:1] == "!" or "asp" in symbol) and bare == spans[-1].text))
        )
        if joins:
            spans[-1] = Span(spans[-1].text, spans[-1].start, end)
        elif bare not in _SILENT:
            spans.append(Span(bare.lstrip("_"), start, end))
    return spans
