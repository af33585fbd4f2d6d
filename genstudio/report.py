"""The report of a creation: one HTML file beside the media, which opens in any browser, offline."""

from __future__ import annotations

from html import escape
from pathlib import Path

from genstudio.emotion import Emotion
from genstudio.media.files import SYNTHETIC
from genstudio.protocols import Reading
from genstudio.take import Take

COLOURS = {"speech": "#2a78d6", "face": "#c2410c", "image": "#15803d", "text": "#7c3aed"}
_TITLES = {"speak": "Voice", "animate": "Talking head", "paint": "Picture"}

STYLE = """
:root{color-scheme:light dark;--ink:#1c2733;--soft:#5b6875;--line:#d8dee5;--card:#fff;--page:#f3f5f8}
@media(prefers-color-scheme:dark){:root{--ink:#e8edf2;--soft:#9aa7b4;--line:#33404d;--card:#1a222b;--page:#11171d}}
body{font:16px/1.5 system-ui,sans-serif;margin:0;background:var(--page);color:var(--ink)}
main{max-width:1080px;margin:0 auto;padding:2rem 1rem}
h1{font-size:1.5rem;margin:0 0 .3rem}h2{font-size:1.05rem;margin:0 0 .6rem}
.grid{display:grid;grid-template-columns:repeat(auto-fit,minmax(300px,1fr));gap:1rem;margin-top:1.2rem}
.card{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:1rem}
img,video,audio,svg{width:100%;border-radius:8px;display:block}
table{border-collapse:collapse;width:100%;font-size:.9rem;margin-top:.7rem}
td,th{padding:.25rem .4rem;border-bottom:1px solid var(--line);text-align:left}
.soft{color:var(--soft);font-size:.88rem}
.wide{width:50%}
.bar{height:.6rem;border-radius:3px;background:#8aa4c2}
.dot{display:inline-block;width:.7rem;height:.7rem;border-radius:50%;margin-right:.4rem}
"""


def plane(requested: Emotion, readings: list[Reading], size: int = 320) -> str:
    """An SVG of the valence-arousal plane: the request as a ring, each reading as a dot joined to it."""
    pad = 34.0

    def at(v: float, a: float) -> tuple[float, float]:
        inner = size - 2 * pad
        return pad + (v + 1) / 2 * inner, pad + (1 - a) / 2 * inner

    mid, x0, x1 = size / 2, pad, size - pad
    parts = [
        f'<svg viewBox="0 0 {size} {size}" role="img" aria-label="requested and achieved emotion on the valence-arousal plane">',
        f'<rect x="{x0}" y="{x0}" width="{x1 - x0}" height="{x1 - x0}" fill="none" stroke="currentColor" opacity=".25"/>',
        f'<path d="M{x0} {mid}H{x1}M{mid} {x0}V{x1}" stroke="currentColor" opacity=".25"/>',
    ]
    labels = ((mid, 20.0, "excited"), (mid, size - 12.0, "calm"))
    for x, y, word in labels:
        parts.append(f'<text x="{x}" y="{y}" text-anchor="middle" font-size="12" fill="currentColor">{word}</text>')
    for x, word in ((14.0, "unpleasant"), (size - 14.0, "pleasant")):
        turn = f"rotate(-90 {x} {mid})"
        parts.append(
            f'<text x="{x}" y="{mid}" transform="{turn}" text-anchor="middle" font-size="12" fill="currentColor">{word}</text>'
        )
    rx, ry = at(requested.valence, requested.arousal)
    for reading in readings:
        if reading.valence is None or reading.arousal is None:
            continue
        x, y = at(reading.valence, reading.arousal)
        colour = COLOURS.get(reading.modality, "#555")
        parts.append(
            f'<path d="M{rx:.1f} {ry:.1f}L{x:.1f} {y:.1f}" stroke="{colour}" opacity=".5" stroke-dasharray="4 3"/>'
        )
        parts.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="6" fill="{colour}"><title>{reading.modality}</title></circle>'
        )
    parts.append(f'<circle cx="{rx:.1f}" cy="{ry:.1f}" r="9" fill="none" stroke="currentColor" stroke-width="2.5"/>')
    return "".join(parts) + "</svg>"


def html(text: str, requested: Emotion, made: list[tuple[Path, Take, str]]) -> str:
    """The whole page; media are referred to by name, so the folder can be moved. made: file, take and its report card as HTML."""
    readings = [t.reading for _, t, _ in made if t.reading is not None]
    cards = "".join(_card(path, take, table) for path, take, table in made)
    legend = "".join(
        f'<div><span class="dot" style="background:{COLOURS[r.modality]}"></span>{r.modality}</div>' for r in readings
    )
    return f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>genstudio: {escape(text[:60])}</title>
<meta name="viewport" content="width=device-width,initial-scale=1"><style>{STYLE}</style></head><body><main>
<h1>“{escape(text)}”</h1><div class="soft">requested: {escape(requested.text or str(requested))} · {escape(str(requested))}</div>
<div class="grid">{cards}<section class="card"><h2>Requested and achieved</h2>{plane(requested, readings)}
<div class="soft">ring: requested; dots: what the recognisers read{legend}</div></section></div>
<p class="soft">{escape(SYNTHETIC)}. Every reading stands beside its recogniser's own success on real human data it never saw:
a score near that ceiling is as good as this recogniser can tell.</p></main></body></html>
"""


def _card(path: Path, take: Take, table: str) -> str:
    name = escape(path.name)
    player = {
        "speak": f'<audio controls src="{name}"></audio>',
        "animate": f'<video controls src="{name}"></video>',
        "paint": f'<img src="{name}" alt="the picture">',
    }[take.request.kind]
    title = _TITLES[take.request.kind]
    reading = take.reading
    if reading is None:
        return f'<section class="card"><h2>{title}</h2>{player}<p class="soft">{escape(take.note)}</p></section>'
    c = reading.ceiling
    rows = "".join(
        f'<tr><td>{escape(k)}</td><td>{w:.2f}</td><td class="wide"><div class="bar" style="width:{100 * w:.0f}%"></div></td></tr>'
        for k, w in sorted(reading.categories.items(), key=lambda kv: -kv[1])[:4]
    )
    axes = zip(("valence", "arousal", "dominance"), (reading.valence, reading.arousal, reading.dominance), strict=True)
    wanted = dict(zip(("valence", "arousal", "dominance"), take.emotion.vad, strict=True))
    vad = "".join(
        f"<tr><td>{n}</td><td>{wanted[n]:+.2f}</td><td>{'not read' if x is None else f'{x:+.2f}'}</td></tr>"
        for n, x in axes
    )
    distance = "" if reading.distance is None else f"distance <b>{reading.distance:.2f}</b> · "
    interval = "" if c.interval is None else f" ({c.interval[0]:.2f} to {c.interval[1]:.2f})"
    return f"""<section class="card"><h2>{title}</h2>{player}
<table><tr><th></th><th>requested</th><th>read</th></tr>{vad}</table><table>{rows}</table>
<p class="soft">{distance}{escape(reading.recogniser)}: {escape(str(c))}{interval};
VAD from {escape(reading.vad_source)}</p><details><summary>Report card</summary>{table}</details></section>"""
