"""A timeline as one HTML file that opens anywhere."""

from __future__ import annotations

from html import escape

from genstudio.emotion import EKMAN
from genstudio.media.files import SYNTHETIC

from .segments import Segment
from .timeline import STEP, Timeline

COLOURS = {
    "anger": "#d1495b", "disgust": "#6a994e", "fear": "#7b5ea7", "joy": "#e9a23b", "sadness": "#3d7ea6", "surprise": "#e07a9b",
    "neutral": "#9aa5b1",
}  # fmt: skip
_W, _BAND = 920, 34
_STYLE = """
:root{color-scheme:light dark;--ink:#1c2733;--soft:#5b6875;--page:#f3f5f8;--card:#fff}
@media(prefers-color-scheme:dark){:root{--ink:#e8edf2;--soft:#9aa7b4;--page:#11171d;--card:#1a222b}}
body{font:16px/1.5 system-ui,sans-serif;margin:0;background:var(--page);color:var(--ink)}
main{max-width:1000px;margin:0 auto;padding:2rem 1rem}
section{background:var(--card);border-radius:12px;padding:1rem;margin-top:1rem}
h1{font-size:1.4rem;margin:0}h2{font-size:1rem;margin:0 0 .5rem}
svg{width:100%;display:block}.soft{color:var(--soft);font-size:.9rem}
text{fill:currentColor;font-size:12px}.dot{display:inline-block;width:.8rem;height:.8rem;border-radius:3px;margin:0 .3rem 0 .9rem}
"""


def page(found: Timeline, title: str) -> str:
    """The whole page: what was asked over what was read, each recogniser's probabilities, the error rate."""
    bands = ""
    if found.asked is not None:
        bands += _section("asked", _band(found.asked, found.seconds))
    bands += _section(
        "read" + (" (face and voice)" if len(found.parts) > 1 else ""), _band(found.segments, found.seconds)
    )
    for name, (p, _) in {**dict(found.parts), "both, smoothed": (found.fused, None)}.items():
        bands += _section(f"probabilities: {name}", _area(p, found.seconds))
    error = ""
    if found.errors is not None:
        e = found.errors
        error = (
            f"<p>Emotion diarization error rate <b>{e.rate:.2f}</b> (by chance with the same cuts {found.chance:.2f}): "
            f"false alarm {e.false_alarm:.1f} s, missed {e.missed:.1f} s, confused {e.confused:.1f} s of {e.total:.1f} s</p>"
        )
    legend = "".join(f'<span class="dot" style="background:{COLOURS[k]}"></span>{k}' for k in EKMAN)
    notes = "".join(f'<p class="soft">{escape(n)}</p>' for n in found.notes)
    return f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}: which emotion when</title>
<meta name="viewport" content="width=device-width,initial-scale=1"><style>{_STYLE}</style></head><body><main>
<h1>{escape(title)}</h1><p class="soft">{found.seconds:.1f} s{legend}</p>{error}{bands}{notes}
<p class="soft">Each recogniser's own confusion on real people enters the fusion; the voice is read in windows of two seconds, so
its changes are blurred by about one. {escape(SYNTHETIC)}, if it was made here.</p></main></body></html>
"""


def _section(title: str, body: str) -> str:
    return f"<section><h2>{escape(title)}</h2>{body}</section>"


def _band(segments: tuple[Segment, ...], seconds: float) -> str:
    k = _W / max(seconds, 1e-6)
    parts = [f'<svg viewBox="0 0 {_W} {_BAND + 18}" role="img" aria-label="emotions over time">']
    for s in segments:
        x, w = s.start * k, max((s.end - s.start) * k, 1)
        tip = f"{s.emotion} {s.start:.1f} to {s.end:.1f} s, {s.certainty:.2f}"
        parts.append(
            f'<rect x="{x:.1f}" width="{w:.1f}" height="{_BAND}" fill="{COLOURS[s.emotion]}"><title>{tip}</title></rect>'
        )
        if w > 60:
            parts.append(
                f'<text x="{x + w / 2:.1f}" y="{_BAND / 2 + 4}" text-anchor="middle" style="fill:#fff">{s.emotion}</text>'
            )
    ticks = max(1, round(seconds / 8))
    parts += [f'<text x="{t * k:.1f}" y="{_BAND + 14}">{t} s</text>' for t in range(0, int(seconds) + 1, ticks)]
    return "".join(parts) + "</svg>"


def _area(p, seconds: float, height: int = 90) -> str:  # type: ignore[no-untyped-def]
    k = _W / max(seconds, 1e-6)
    parts = [f'<svg viewBox="0 0 {_W} {height}" role="img" aria-label="probabilities over time">']
    below = [0.0] * len(p)
    for c, name in enumerate(EKMAN):
        above = [b + float(v) for b, v in zip(below, p[:, c], strict=True)]
        xs = [(i + 0.5) * STEP * k for i in range(len(p))]
        up = " ".join(f"{x:.1f},{height * (1 - a):.1f}" for x, a in zip(xs, above, strict=True))
        down = " ".join(f"{x:.1f},{height * (1 - b):.1f}" for x, b in zip(reversed(xs), reversed(below), strict=True))
        parts.append(
            f'<polygon points="{up} {down}" fill="{COLOURS[name]}" opacity=".85"><title>{name}</title></polygon>'
        )
        below = above
    return "".join(parts) + "</svg>"
