"""Which lever moves a voice: each is tried and read by the steering recogniser; the best is kept by the weights' fingerprint."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from genstudio import catalogue, registry
from genstudio.emotion import EKMAN, Emotion
from genstudio.errors import MediaError
from genstudio.media.files import write_text

if TYPE_CHECKING:
    from .voice import PretrainedVoice

SENTENCES = ("I will be there at nine tomorrow.", "They told us about it yesterday evening.", "The door was open.")
SIX = tuple(e for e in EKMAN if e != "surprise")  # what the steering recogniser learned from actors


def kept(key: str, cloned: bool) -> dict[str, Any] | None:
    """`lever` and what was measured, for a voice that clones or speaks as itself; None when it was not."""
    found = catalogue.measured_levers(key).get("cloned" if cloned else "own")
    return found if found and "lever" in found else None


def measure(
    engine: PretrainedVoice, reference: Any = None, options: dict[str, Any] | None = None,
    sentences: Sequence[str] = SENTENCES, progress: Callable[[float], None] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Speak the sentences in six emotions by every lever, and keep the best in the cache.

    The score is `agreement`, the share of the asked emotion in what `evaluator:speech-steer` reads; a lever that makes another
    person of the voice (below `tool:speaker`'s threshold, on average) is not chosen. Returns `lever` and, for each and for 'none',
    `agreement` (0..1), `recall` (0..1) and `speaker` (cosine to the same sentence, plain).
    """
    judge, speaker = registry.load("evaluator:speech-steer"), registry.load("tool:speaker")
    levers = ("none", *engine.levers(reference is not None))
    more = {**(options or {}), **({} if reference is None else {"reference": reference})}
    rows: dict[str, dict[str, float]] = {}
    for k, lever in enumerate(levers):
        got = []
        for i, sentence in enumerate(sentences):
            plain = engine(sentence, Emotion.neutral(), seed=i, lever="none", **more)
            for name in SIX:
                asked = Emotion.parse(name)
                made = engine(sentence, asked, seed=i, lever=lever, **more)
                try:
                    reading = replace(judge(made), target=asked)
                    alike = speaker.similarity(plain, made)
                except MediaError:  # too little voice to be read: nobody would take it for the emotion
                    got.append((0.0, 0.0, 0.0))
                    continue
                got.append((reading.agreement or 0.0, float(reading.top == name), alike))
        mean = np.mean(got, 0)
        rows[lever] = dict(zip(("agreement", "recall", "speaker"), (round(float(x), 3) for x in mean), strict=True))
        if progress:
            progress((k + 1) / len(levers))
    least = speaker.ceiling.threshold if speaker.ceiling is not None else -1.0
    stays = [x for x in levers[1:] if rows[x]["speaker"] >= least] or list(levers[1:])
    best = max(stays, key=lambda x: rows[x]["agreement"])
    found = {"lever": best, "measured": rows, "judge": judge.name, "sentences": len(sentences)}
    content = catalogue.measured_levers(engine.key) | {"own" if reference is None else "cloned": found}
    path = catalogue.levers_file(engine.key)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text(path, json.dumps(content, indent=1) + "\n")
    return found
