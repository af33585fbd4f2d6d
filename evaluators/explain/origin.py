"""Where a file came from, as its sidecar tells: what was asked, its voice without emotion, its portrait."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from genstudio import registry
from genstudio.emotion import Emotion
from genstudio.errors import GenstudioError, InputError
from genstudio.media.audio import SAMPLE_RATE, read_audio
from genstudio.protocols import Speech
from genstudio.script import parse_script
from genstudio.sidecar import read_sidecar, sidecar_path

_NEUTRAL_TEXT = "The boat is on the lake. It will be there in the morning."
_EMBEDDED = "speech:embedded"


def origin(path: Path) -> Mapping[str, Any]:
    """The request of a file's sidecar, its `engine` and the `words` timed in it; {} when genstudio did not make it."""
    if not sidecar_path(path).is_file():
        return {}
    try:
        content = read_sidecar(path)
    except InputError:
        return {}
    return {
        **content["request"],
        "engine": content.get("engine", ""),
        "words": content.get("made", {}).get("words", ()),
    }


def plain_text(asked: Mapping[str, Any]) -> str:
    """What was to be said, without tags; '' when unknown."""
    text = str(asked.get("text") or "")
    if not text:
        return ""
    sounds = tuple(getattr(registry.load(_voice(asked)), "sounds", tuple)())
    return parse_script(text, Emotion.neutral(), sounds).plain.strip()


def neutral_speech(asked: Mapping[str, Any]) -> Speech | None:
    """The same text, voice and seed without emotion, or the recording it was converted from; None when there is neither."""
    source = asked.get("recording")
    if isinstance(source, str) and Path(source).is_file():
        return Speech(read_audio(source), SAMPLE_RATE)
    if not asked.get("text") or asked.get("audio"):
        return None
    seed = asked.get("seed")
    try:
        return registry.load(_voice(asked))(
            plain_text(asked) or _NEUTRAL_TEXT, Emotion.neutral(), voice=asked.get("voice"),
            seed=int(seed) if isinstance(seed, int) else 0,
        )  # fmt: skip
    except GenstudioError:
        return None


def portrait(asked: Mapping[str, Any]) -> Path | None:
    """The picture a head was made from, when it is still there."""
    name = asked.get("portrait")
    if not isinstance(name, str):
        return None
    found = dict(registry.load("head:embedded").portraits()).get(name, Path(name))
    return found if found.is_file() else None


def _voice(asked: Mapping[str, Any]) -> str:
    engine = str(asked.get("engine") or "")
    return engine if engine.startswith("speech:") else _EMBEDDED
