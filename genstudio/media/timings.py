"""Word and phone timings as files: JSON, and WebVTT (W3C) with a time at every word."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from genstudio.errors import OutputError
from genstudio.media.files import SYNTHETIC, write_text
from genstudio.protocols import Span, Speech

SUFFIXES = (".json", ".vtt")
_CUE_WORDS = 8
_CUE_GAP = 0.5  # seconds of silence that end a cue


def write_timings(path: Path | str, speech: Speech) -> None:
    """Write the timings of a Speech, in seconds from its start, by suffix. Raises OutputError."""
    path = Path(path)
    if path.suffix.lower() not in SUFFIXES:
        raise OutputError(f"timings are written as {' or '.join(SUFFIXES)}; got '{path.name}'")
    if not speech.words:
        raise OutputError("this speech has no timings: only what the embedded voice speaks has them")
    if path.suffix.lower() == ".vtt":
        write_text(path, webvtt(speech.words))
        return

    def rows(spans: Sequence[Span]) -> list[dict[str, object]]:
        return [{"text": s.text, "start": round(s.start, 4), "end": round(s.end, 4)} for s in spans]

    content = {
        "origin": SYNTHETIC, "text": speech.text, "duration": round(speech.duration, 4), "words": rows(speech.words),
        "phones": rows(speech.phones),
    }  # fmt: skip
    write_text(path, json.dumps(content, indent=1, ensure_ascii=False) + "\n")


def webvtt(words: Sequence[Span]) -> str:
    """Cues of up to eight words, each word at its own time.

    >>> print(webvtt([Span("Hi", 0.1, 0.4), Span("there", 0.4, 0.8)]).splitlines()[-1])
    Hi <00:00:00.400>there
    """
    cues: list[list[Span]] = []
    for w in words:
        if cues and len(cues[-1]) < _CUE_WORDS and w.start - cues[-1][-1].end < _CUE_GAP:
            cues[-1].append(w)
        else:
            cues.append([w])
    blocks = ["WEBVTT", f"NOTE {SYNTHETIC}"]
    for cue in cues:
        line = _escaped(cue[0].text) + "".join(f" <{_time(w.start)}>{_escaped(w.text)}" for w in cue[1:])
        blocks.append(f"{_time(cue[0].start)} --> {_time(cue[-1].end)}\n{line}")
    return "\n\n".join(blocks) + "\n"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _time(seconds: float) -> str:
    ms = round(seconds * 1000)
    return f"{ms // 3_600_000:02d}:{ms // 60_000 % 60:02d}:{ms // 1000 % 60:02d}.{ms % 1000:03d}"
