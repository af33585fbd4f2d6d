"""What works with any voice: a checked reference, given the emotion before it is cloned; prosody laid on what came out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from genstudio import registry
from genstudio.emotion import Emotion
from genstudio.errors import MediaError
from genstudio.media.audio import SAMPLE_RATE, read_audio
from genstudio.protocols import Speech

SHORTEST, LONGEST = 1.5, 30.0  # seconds of a reference
_LEAST_VOICED = 0.2
_NOISY = (
    12.0  # dB between loud and quiet frames: white noise 4 dB below a voice; 336 clean recordings have 13.5 and more
)
_APART = 0.35  # pitch of two halves, octaves: two people


def reference_of(path: str | Path | Speech) -> Speech:
    """A clip to clone, checked: 1.5 to 30 s of one voice. Raises MediaError in one line."""
    speech = path if isinstance(path, Speech) else Speech(read_audio(path), SAMPLE_RATE)
    name = "the reference" if isinstance(path, Speech) else f"'{Path(path).name}'"
    if speech.duration < SHORTEST:
        raise MediaError(f"{name} lasts {speech.duration:.1f} s; a voice is cloned from {SHORTEST} to {LONGEST:.0f} s")
    if speech.duration > LONGEST:
        speech = replace(speech, samples=speech.samples[: int(LONGEST * speech.rate)])
    features = registry.load("tool:voice-cues")(speech)
    if not np.isfinite(features["pitch"]) or features["voiced"] < _LEAST_VOICED:
        raise MediaError(f"{name} holds hardly any voice; give a clear recording of one person speaking")
    if features["level range"] < _NOISY:
        raise MediaError(
            f"{name} is noisy (speech stands {features['level range']:.0f} dB above the rest); give a cleaner one"
        )
    half = len(speech.samples) // 2
    parts = [
        registry.load("tool:voice-cues")(replace(speech, samples=x))
        for x in (speech.samples[:half], speech.samples[half:])
    ]
    pitches = [p["pitch"] for p in parts if p["voiced"] >= _LEAST_VOICED and np.isfinite(p["pitch"])]
    if len(pitches) == 2 and abs(np.log2(pitches[0] / pitches[1])) > _APART and speech.duration >= 2 * SHORTEST:
        alike = registry.load("tool:speaker").similarity(
            *(replace(speech, samples=x) for x in (speech.samples[:half], speech.samples[half:]))
        )
        if alike < registry.load("tool:speaker").ceiling.other:
            raise MediaError(f"{name} seems to hold two voices; give a recording of one person")
    return speech


def emotional(
    speech: Speech, emotion: Emotion, strength: float, seed: int, keep_tempo: bool = False
) -> tuple[Speech, dict[str, Any]]:
    """A clip given the emotion by the embedded voice's shifts, and how alike the speaker stayed."""
    if strength == 0 or emotion.vad == Emotion.neutral().vad:
        return speech, {"strength": 0.0}
    made = registry.load("speech:embedded").convert(
        speech, emotion, seed=seed, strength=strength, keep_tempo=keep_tempo
    )
    judge = registry.load("tool:speaker")
    alike = judge.similarity(speech, made)
    about = {"strength": strength, "speaker_similarity": round(alike, 3)}
    if judge.ceiling is not None:
        about["same_speaker"] = bool(alike >= judge.ceiling.threshold)
    return made, about
