"""Rows of a video or picture: identity, lip sync, frames."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from genstudio import registry
from genstudio.errors import GenstudioError
from genstudio.protocols import Reading

from .card import Row, identity, missing


def rows(path: Path, portrait: Path | None) -> list[Row]:
    """Of a video of a talking face. portrait: the picture it was made from, when known."""
    return [*_same_face(path, portrait), *_sync(path), *_frames(path)]


def _tool(name: str) -> Any:
    return registry.load(f"tool:{name}") if f"tool:{name}" in registry.entries() else None


def _same_face(path: Path, portrait: Path | None) -> list[Row]:
    judge = _tool("face-identity")
    if judge is None:
        return [missing("same face", "no recogniser of faces' identity is installed", True)]
    if portrait is None:
        return [missing("same face", "the portrait it was made from is not known; give --reference", True)]
    try:
        alike = judge.similarity_of_video(path, portrait)
    except GenstudioError as error:
        return [missing("same face", str(error), True)]
    return [identity("same face", alike, judge, "one person smiling and not")]


def _sync(path: Path) -> list[Row]:
    try:
        found = registry.load("tool:sync").read_video(path)
    except GenstudioError as error:
        return [missing("lip sync", str(error), True)]
    if found.offset_ms is None:
        return [Row("lip sync", "lips still", "", "the lips do not move", "look", True)]
    beside = f"within 80 ms; confidence {found.confidence:.2f}, sure from {found.threshold:.2f}"
    near = abs(found.offset_ms) <= 80
    return [Row("lip sync", found.offset_ms, "ms (+ lips late)", beside, "good" if near else "look", True)]


def _frames(path: Path) -> list[Row]:
    judge = _tool("video-measures")
    if judge is None:
        return []
    try:
        found = judge(path)
    except GenstudioError as error:
        return [missing("frames", str(error))]
    out = []
    for name, key, unit, beside, good in (
        ("frozen frames", "frozen_share", "of frames", "below 0.02", lambda v: v < 0.02),
        ("dropped frames", "dropped", "", "0", lambda v: v == 0),
        ("blinks", "blinks_a_minute", "a minute", "people who talk: about 15 to 30", None),
        ("jitter", "jitter", "eye distances", "", None),
    ):
        value = found.get(key)
        if value is not None:
            verdict = "told" if good is None else "good" if good(value) else "look"
            out.append(Row(name, float(value), unit, beside, verdict))
    return out


def picture(reading: Reading) -> list[Row]:
    """Attributes of a picture, for the record."""
    found = reading.details.get("attributes", {})
    return [
        Row(name, float(found[name]), "", "", "told")
        for name in ("brightness", "contrast", "colourfulness")
        if name in found
    ]
