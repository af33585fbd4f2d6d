"""The protocol: what an engine's takes show when nothing may fool the reader, and whether a control acted at all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from genstudio.errors import InputError, suggest

from .acted import Act, did_it_act
from .report import Report

__all__ = ["Act", "Report", "did_it_act", "run"]


def run(kind: str, engine: str, rows: Path | None = None, progress: Any = None, **options: Any) -> Report:
    """kind: 'speech', 'head' or 'image'; engine: its registry key. options: emotions, items, seeds, and voices of speech."""
    from .sights import head_protocol, image_protocol
    from .speech import speech_protocol

    kinds = {"speech": speech_protocol, "head": head_protocol, "image": image_protocol}
    if kind not in kinds:
        raise InputError(f"unknown kind '{kind}'; valid: {', '.join(kinds)}" + suggest(kind, tuple(kinds)))
    return kinds[kind](engine, rows=rows, progress=progress, **options)
