"""The report of a suite: one HTML file, offline, light and dark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote

STYLE = """
:root{color-scheme:light dark;--ink:#1c2733;--soft:#5b6875;--line:#d8dee5;--card:#fff;--page:#f3f5f8;--tone:42,120,214}
@media(prefers-color-scheme:dark){:root{--ink:#e8edf2;--soft:#9aa7b4;--line:#33404d;--card:#1a222b;--page:#11171d;--tone:96,165,250}}
body{font:15px/1.5 system-ui,sans-serif;margin:0;background:var(--page);color:var(--ink)}
main{max-width:1120px;margin:0 auto;padding:2rem 1rem}
h1{font-size:1.5rem;margin:0}h2{font-size:1.15rem;margin:2rem 0 .4rem}h3{font-size:.95rem;margin:0 0 .5rem}
.soft{color:var(--soft);font-size:.88rem}.grid{display:grid;grid-template-columns:repeat(auto-fit,minmax(320px,1fr));gap:1rem}
section{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:1rem;overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.88rem}td,th{padding:.28rem .45rem;border-bottom:1px solid var(--line);text-align:left}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}.big{font-size:1.7rem;font-weight:600}
.cell{text-align:center;border-radius:4px;min-width:2.2rem}.err{color:#c2410c}svg{width:100%;display:block}a{color:inherit}
"""
_MOST_ROWS = 500
_DOTS = 600


def page(summary: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], folder: Path) -> str:
    """Everything a reader needs to judge the figures: ceilings, chance, intervals, counts, and every file."""
    layout = f", laid out as {summary['layout']}" if summary.get("layout") else ""
    parts = [_result(r, rows) for r in summary["results"]]
    failed = "".join(
        f'<tr><td>{escape(e["path"])}</td><td class="err">{escape(e["error"])}</td></tr>'
        for e in summary["errors"][:_MOST_ROWS]
    )
    problems = f"<h2>Not read, or with a remark</h2><section><table>{failed}</table></section>" if failed else ""
    title = f"{summary['folder']}: what is read in it"
    return f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>
<meta name="viewport" content="width=device-width,initial-scale=1"><style>{STYLE}</style></head><body><main>
<h1>{escape(title)}</h1><p class="soft">suite {escape(summary["suite"])}{escape(layout)} · {summary["items"]} items ·
{summary["read"]} readings · {summary["failed"]} not read</p>{"".join(parts)}{problems}{_files(rows, folder)}
<p class="soft">A recogniser reads what is expressed, as often wrong as its ceiling says; it does not tell what a real person feels.
Intervals are 95 %, from resampling whole speakers or identities where they are known.</p></main></body></html>
"""


def _result(r: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> str:
    c = r["ceiling"] or {}
    ceiling = "not measured" if c.get("value") is None else (
        f"{c['metric']} {c['value']:.2f} ({c['interval'][0]:.2f} to {c['interval'][1]:.2f}) on {c['data']}, chance {c['chance']:.2f}"
    )  # fmt: skip
    cards = []
    if r["categories"]:
        cards += [_figures(r), _matrix(r["categories"])]
    mine = [x for x in rows if x.get("recogniser") == r["recogniser"] and x.get("modality") == r["modality"]]
    cards += [_axes(r), _plane(mine)]
    return (
        f"<h2>{escape(r['modality'])} <span class='soft'>{escape(r['recogniser'])}</span></h2>"
        f"<p class='soft'>its own success on real people it never saw: {escape(ceiling)}; axes from {escape(str(r['vad_source']))}; "
        f"{r['count']} readings of {r['clusters']} speakers, identities or files</p><div class='grid'>{''.join(x for x in cards if x)}</div>"
    )


def _number(x: Mapping[str, Any]) -> str:
    return f"{x['value']:.2f} <span class='soft'>({x['interval'][0]:.2f} to {x['interval'][1]:.2f})</span>"


def _figures(r: Mapping[str, Any]) -> str:
    c = r["categories"]
    share = (
        ""
        if c["share_of_ceiling"] is None
        else f"<tr><td>share of the ceiling</td><td class='n'>{c['share_of_ceiling']:.2f}</td></tr>"
    )
    more = "".join(
        f"<tr><td>{label}</td><td class='n'>{_number(r[key])}</td></tr>"
        for key, label in (("distance", "distance in VAD, 0 to 1"), ("wer", "word error rate"))
        if key in r
    )
    rest = "".join(
        f"<tr><td>{escape(k)}</td><td class='n'>{n}</td><td class='n'>{c['recall'].get(k, 0):.2f}</td></tr>"
        for k, n in c["counts"].items()
    ) + "".join(
        f"<tr><td>{escape(k)}, no class of this reader</td><td class='n'>{n}</td><td></td></tr>"
        for k, n in c["beyond"].items()
    )
    return (
        f"<section><h3>Recall, each class alike (UAR)</h3><div class='big'>{_number(c['uar'])}</div><table>"
        f"<tr><td>chance</td><td class='n'>{c['chance']:.2f}</td></tr><tr><td>labels dealt at random</td>"
        f"<td class='n'>{_number(c['shuffled'])}</td></tr><tr><td>always the most frequent: accuracy</td>"
        f"<td class='n'>{c['majority']:.2f}</td></tr><tr><td>macro F1</td><td class='n'>{c['macro_f1']:.2f}</td></tr>{share}{more}"
        f"</table><table><tr><th>class</th><th class='n'>count</th><th class='n'>recall</th></tr>{rest}</table></section>"
    )


def _matrix(c: Mapping[str, Any]) -> str:
    head = "".join(f"<th class='cell'>{escape(k[:4])}</th>" for k in c["classes"])
    body = []
    for name, line in zip(c["classes"], c["confusion"], strict=True):
        total = max(sum(line), 1)
        if not sum(line):
            continue
        cells = "".join(
            f"<td class='cell' style='background:rgba(var(--tone),{0.75 * n / total:.2f})'>{n or '·'}</td>"
            for n in line
        )
        body.append(f"<tr><th>{escape(name)}</th>{cells}</tr>")
    return f"<section><h3>Asked (rows) and read (columns)</h3><table><tr><th></th>{head}</tr>{''.join(body)}</table></section>"


def _axes(r: Mapping[str, Any]) -> str:
    lines = "".join(
        f"<tr><td>{a}</td><td class='n'>{_number(x['spearman'])}</td><td class='n'>{x['ccc']:.2f}</td><td class='n'>{x['bias']:+.2f}</td></tr>"
        for a, x in r["axes"].items()
        if x
    )
    if not lines:
        return ""
    head = "<tr><th></th><th class='n'>Spearman</th><th class='n'>CCC</th><th class='n'>read − asked</th></tr>"
    return f"<section><h3>Asked and read along the axes</h3><table>{head}{lines}</table></section>"


def _plane(rows: Sequence[Mapping[str, Any]], size: int = 320) -> str:
    """Readings on the valence-arousal plane, joined to what was asked."""
    pad, inner = 26.0, size - 52.0
    dots = []
    shown = [r for r in rows if r.get("valence") is not None and r.get("arousal") is not None][:_DOTS]

    def at(v: float, a: float) -> tuple[float, float]:
        return pad + (v + 1) / 2 * inner, pad + (1 - a) / 2 * inner

    for r in shown:
        x, y = at(r["valence"], r["arousal"])
        if r.get("target_valence") is not None:
            tx, ty = at(r["target_valence"], r["target_arousal"])
            dots.append(f"<path d='M{tx:.1f} {ty:.1f}L{x:.1f} {y:.1f}' stroke='currentColor' opacity='.10'/>")
            dots.append(f"<circle cx='{tx:.1f}' cy='{ty:.1f}' r='4' fill='none' stroke='currentColor' opacity='.5'/>")
        dots.append(
            f"<circle cx='{x:.1f}' cy='{y:.1f}' r='3' fill='rgb(var(--tone))' opacity='.55'><title>{escape(str(r['path']))}</title></circle>"
        )
    if not shown:
        return ""
    mid = size / 2
    frame = (
        f"<rect x='{pad}' y='{pad}' width='{inner}' height='{inner}' fill='none' stroke='currentColor' opacity='.25'/>"
    )
    cross = f"<path d='M{pad} {mid}H{size - pad}M{mid} {pad}V{size - pad}' stroke='currentColor' opacity='.2'/>"
    words = "".join(
        f"<text x='{x}' y='{y}' text-anchor='middle' font-size='11' fill='currentColor' {t}>{w}</text>"
        for x, y, w, t in (
            (mid, 17, "excited", ""), (mid, size - 10, "calm", ""),
            (14, mid, "unpleasant", f"transform='rotate(-90 14 {mid})'"), (size - 10, mid, "pleasant", f"transform='rotate(-90 {size - 10} {mid})'"),
        )
    )  # fmt: skip
    return (
        f"<section><h3>Valence and arousal: rings asked, dots read</h3><svg viewBox='0 0 {size} {size}' role='img' "
        f"aria-label='valence and arousal'>{frame}{cross}{''.join(dots)}{words}</svg></section>"
    )


def _files(rows: Sequence[Mapping[str, Any]], folder: Path) -> str:
    lines = []
    for r in [x for x in rows if x.get("recogniser")][:_MOST_ROWS]:
        name = str(r["path"])
        link = escape(name)
        if "#" not in name:
            link = f"<a href='{quote((folder / name).resolve().as_uri(), safe=':/%')}'>{link}</a>"
        v, a = (("" if r.get(k) is None else f"{r[k]:+.2f}") for k in ("valence", "arousal"))
        d = "" if r.get("distance") is None else f"{r['distance']:.2f}"
        lines.append(
            f"<tr><td>{link}</td><td>{escape(r['modality'])}</td><td>{escape(str(r.get('target') or ''))}</td>"
            f"<td>{escape(str(r.get('top') or ''))}</td><td class='n'>{v}</td><td class='n'>{a}</td><td class='n'>{d}</td></tr>"
        )
    head = "<tr><th>file</th><th>read</th><th>asked</th><th>most likely</th><th class='n'>V</th><th class='n'>A</th><th class='n'>distance</th></tr>"
    note = f"<p class='soft'>the first {_MOST_ROWS}; all are in results.parquet</p>" if len(rows) > _MOST_ROWS else ""
    return f"<h2>Every file</h2><section><table>{head}{''.join(lines)}</table>{note}</section>"
