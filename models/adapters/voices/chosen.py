"""Which lever moves a voice, and how far: each is tried at several strengths and read by the steering recogniser."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np

from genstudio import catalogue, registry
from genstudio.emotion import EKMAN, Emotion
from genstudio.errors import GenstudioError, InputError, MediaError
from genstudio.protocols import Speech
from genstudio.signals.transcripts import word_errors

from .. import sweep

if TYPE_CHECKING:
    from .voice import PretrainedVoice

SENTENCES = ("I will be there at nine tomorrow.", "They told us about it yesterday evening.", "The door was open.")
SIX = tuple(e for e in EKMAN if e != "surprise")  # what the steering recogniser learned from actors
STRENGTHS = (0.5, 1.0, 1.5, 2.0)
WORSE = 0.25  # of the words more may be misheard than of the plain voice: the recogniser itself mishears as many of real speech
Row = tuple[float, float, float, int]  # agreement, recall, likeness, words misheard


def kept(key: str, cloned: bool) -> dict[str, Any] | None:
    """`lever`, `strength` and what was measured, for a voice that clones or speaks as itself; None when it was not."""
    found = catalogue.measured_levers(key).get("cloned" if cloned else "own")
    return found if found and "lever" in found else None


def measure(
    engine: PretrainedVoice, reference: Any = None, options: Mapping[str, Any] | None = None,
    sentences: Sequence[str] = SENTENCES, progress: Callable[[float], None] | None = None, strengths: Sequence[float] = STRENGTHS,
) -> dict[str, Any]:  # fmt: skip
    """Speak the sentences in six emotions by every lever at every strength, and keep the best in the cache (`sweep.choose`).

    The effect is `agreement`, the share of the asked emotion in what `evaluator:speech-steer` reads. A point that makes another
    person of the voice (below `tool:speaker`'s threshold, on average), or of whose words many more are misheard than of the plain
    voice's, is not chosen. Returns `lever`, `strength`, `curve` and, for each lever at its own best strength and for 'none',
    `measured`: agreement (0..1), recall (0..1), speaker (cosine to the same sentence, plain), words (error rate).
    """
    judge, speaker = registry.load("evaluator:speech-steer"), registry.load("tool:speaker")
    heard = _hearing()
    more = {**(options or {}), **({} if reference is None else {"reference": reference})}
    levers = engine.levers(reference is not None)
    asked = [(i, s, Emotion.parse(name), name) for i, s in enumerate(sentences) for name in SIX]
    plain = engine.many(sentences, Emotion.neutral(), seeds=range(len(sentences)), lever="none", **more)
    said = sum(word_errors(s, "")[1] for s in sentences) * len(SIX)
    todo = [("none", 0.0), *((lever, s) for lever in levers for s in strengths)]
    table: dict[tuple[str, float], list[Row]] = {}
    for k, (lever, strength) in enumerate(todo):
        made = engine.many(
            [s for _, s, _, _ in asked], [e for _, _, e, _ in asked], seeds=[i for i, *_ in asked], lever=lever, strength=strength,
            **more,
        )  # fmt: skip
        rows: list[Row] = []
        for speech, (i, sentence, emotion, name) in zip(made, asked, strict=True):
            try:
                reading = replace(judge(speech), target=emotion)
                alike = float(speaker.similarity(plain[i], speech))
            except MediaError:  # too little voice to be read: nobody would take it for the emotion
                rows.append((0.0, 0.0, 0.0, word_errors(sentence, "")[1]))
                continue
            rows.append((reading.agreement or 0.0, float(reading.top == name), alike, heard(speech, sentence)))
        table[lever, strength] = rows
        if progress:
            progress((k + 1) / len(todo))
    points = [_point(lever, s, table[lever, s], said if heard is not _deaf else 0) for lever, s in todo]
    none, points = points[0], points[1:]
    least = speaker.ceiling.threshold if speaker.ceiling is not None else -1.0
    most = None if none.words is None else round(none.words + WORSE, 3)
    best, why = sweep.choose(points, least, most)
    own = {x: sweep.choose([p for p in points if p.lever == x], least, most)[0] for x in levers}
    return sweep.keep(
        engine.key, "own" if reference is None else "cloned", points, best, why, least=round(float(least), 3), most_words=most,
        measured={"none": _facts(none), **{x: _facts(p) for x, p in own.items()}}, judge=judge.name, sentences=len(sentences),
    )  # fmt: skip


def _point(lever: str, strength: float, rows: Sequence[Row], said: int) -> sweep.Point:
    agreement, recall, alike = (round(float(x), 3) for x in np.mean([r[:3] for r in rows], 0))
    words = round(sum(r[3] for r in rows) / said, 3) if said else None
    return sweep.Point(lever, strength, agreement, alike, words, recall)


def _facts(p: sweep.Point) -> dict[str, float]:
    found = {"strength": p.strength, "agreement": p.effect, "recall": p.recall, "speaker": p.kept, "words": p.words}
    return {k: v for k, v in found.items() if v is not None}


def _deaf(speech: Speech, sentence: str) -> int:
    return 0


def _hearing() -> Callable[[Speech, str], int]:
    """Words of a sentence that are misheard; `_deaf` where no recogniser is installed."""
    try:
        hear = registry.load("tool:transcript")
    except GenstudioError:
        return _deaf
    if hear.name == "pocketsphinx" and find_spec("pocketsphinx") is None:
        return _deaf

    def misheard(speech: Speech, sentence: str) -> int:
        try:
            return word_errors(sentence, hear(replace(speech, language="en")).text)[0]
        except InputError:  # too short, too long
            return word_errors(sentence, "")[1]

    return misheard
