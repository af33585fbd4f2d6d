"""A file in, its report card out: everything is measured on the file as it lies there, decoded like any other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from genstudio import registry, scoring
from genstudio.emotion import Emotion, EmotionCurve
from genstudio.errors import GenstudioError, InputError
from genstudio.media import audio, video
from genstudio.protocols import Reading, Speech

from ..explain.origin import neutral_speech, origin, plain_text, portrait
from . import emotion, sight, sound
from .card import ReportCard, missing


def report_card(
    path: Path | str, target: Emotion | None = None, text: str | None = None, reference: Path | str | None = None,
    language: str = "",
) -> ReportCard:  # fmt: skip
    """The card of a recording, video or picture by any tool.

    target, text, language: what was meant; the sidecar's, when there is one and nothing else is said. reference: a neutral
    recording of the same speaker, or the portrait a video was made from. Raises MediaError when nothing can be read.
    """
    path = Path(path)
    kind = scoring.kind_of(path)
    if kind == "text":
        raise InputError("a report card is of a recording, a video or a picture; 'genstudio evaluate' reads texts")
    asked = origin(path)
    wanted = target if target is not None else _wanted(asked)
    given = Path(reference) if reference is not None else None
    if given is not None and not given.is_file():
        raise InputError(f"there is no file '{given}' to compare with")
    parts, warnings = [], []
    readings: list[Reading] = []
    try:
        readings = [replace(r, target=wanted) for r in scoring.evaluate_file(path)]
        parts += [emotion.rows(r) for r in readings]
    except GenstudioError as error:
        parts.append([missing("emotion", str(error))])
    if kind == "image":
        return ReportCard.of(kind, [*parts, *(sight.picture(r) for r in readings if r.modality == "image")])
    if kind == "audio" or video.probe(path).has_audio:
        speech = Speech(audio.read_audio(path), audio.SAMPLE_RATE, language=language or scoring.spoken_language(asked))
        words = text if text is not None else plain_text(asked)
        spoken = without_sounds(speech, asked.get("words") or ())
        parts.append(sound.rows(speech, words, speech.language, _neutral(asked, given), spoken))
    if kind == "video":
        parts.append(sight.rows(path, _portrait(asked, given)))
        by = {r.modality: r for r in readings}
        if len(by) > 1:
            warnings += registry.load("tool:agreement")(by)["warnings"]
    return ReportCard.of(kind, parts, warnings)


def without_sounds(speech: Speech, words: Sequence[Sequence[Any]]) -> Speech:
    """The recording without its laughs and sighs, which no recogniser of words should hear. words: text, start and end (s)."""
    keep = np.ones(len(speech.samples), bool)
    for text, start, end in words:
        if str(text).startswith("["):
            keep[int(start * speech.rate) : int(end * speech.rate)] = False
    return replace(speech, samples=speech.samples[keep])


def _wanted(request: Mapping[str, Any]) -> Emotion | None:
    asked = request.get("emotion_understood") or request.get("emotion")
    if not isinstance(asked, Mapping):
        return None
    return EmotionCurve.from_dict(asked).mean() if "times" in asked else Emotion.from_dict(asked)


def _neutral(asked: Mapping[str, Any], given: Path | None) -> Speech | None:
    if given is not None and scoring.kind_of(given) in ("audio", "video"):
        return Speech(audio.read_audio(given), audio.SAMPLE_RATE)
    return neutral_speech(asked)


def _portrait(asked: Mapping[str, Any], given: Path | None) -> Path | None:
    return given if given is not None and scoring.kind_of(given) == "image" else portrait(asked)
