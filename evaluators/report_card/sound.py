"""Rows of a recording: speaker kept, words, pitch, rate, loudness, artefacts."""

from __future__ import annotations

import math

import numpy as np

from genstudio import registry
from genstudio.errors import GenstudioError
from genstudio.protocols import Speech
from genstudio.signals.loudness import TARGET_LUFS, loudness
from genstudio.signals.transcripts import wer

from ..explain import voice
from ..measures.audio import clipping
from .card import Row, identity, missing

_LOUD_ROOM = 2.0  # LU around the level that everything is brought to
_WER = (0.25, 0.5)  # good up to, look up to: pocketsphinx errs on 0.22 of real read words
_STEP = 0.25  # of full scale from one sample to the next, in an otherwise smooth place


def rows(speech: Speech, text: str, language: str, neutral: Speech | None, spoken: Speech | None = None) -> list[Row]:
    """text: what should be said, '' when unknown. neutral: the same voice without emotion, when there is one. spoken: the words
    alone, without laughs and the like."""
    return [
        *_speaker(speech, neutral),
        *_words(spoken or speech, text, language),
        *_prosody(speech, neutral),
        *_sound(speech),
    ]


def _speaker(speech: Speech, neutral: Speech | None) -> list[Row]:
    if neutral is None:
        return [missing("same speaker", "no neutral recording of this voice to compare with; give --reference", True)]
    try:
        judge = registry.load("tool:speaker")
        alike = judge.similarity(speech, neutral)
    except GenstudioError as error:
        return [missing("same speaker", str(error), True)]
    return [identity("same speaker", alike, judge, "one person's emotions")]


def _words(speech: Speech, text: str, language: str) -> list[Row]:
    if not text.strip():
        return [missing("words", "what should be said is not known; give --text", True)]
    try:
        judge = registry.load("tool:transcript")
        heard = judge(speech, language or None)
        rate = wer(text, heard.text)
    except GenstudioError as error:
        return [missing("words", str(error), True)]
    verdict = "good" if rate <= _WER[0] else "look" if rate <= _WER[1] else "bad"
    beside = f"word error rate of {judge.name}, which errs on 0.22 of real read words; heard '{heard.text[:60]}'"
    return [Row("words", round(rate, 3), "WER", beside, verdict, True)]


def _prosody(speech: Speech, neutral: Speech | None) -> list[Row]:
    try:
        here = voice.measured(speech)
        own = voice.measured(neutral) if neutral is not None else None
    except GenstudioError as error:
        return [missing("pitch", str(error))]
    out = []
    for name, key, unit in (("pitch", "pitch", "Hz"), ("speaking rate", "tempo", "syllables/s")):
        value = here[key]
        if not math.isfinite(value):
            out.append(missing(name, "nothing is voiced"))
            continue
        beside = ""
        if own is not None and math.isfinite(own[key]) and own[key] > 0:
            beside = f"{100 * (value / own[key] - 1):+.0f} % of the same voice's neutral, {own[key]:.1f} {unit}"
        out.append(Row(name, round(value, 2), unit, beside, "told"))
    return out


def _sound(speech: Speech) -> list[Row]:
    x = np.asarray(speech.samples, np.float32)
    level, cut, clicks = loudness(x, speech.rate), clipping(x), clicks_in(x)
    return [
        Row("loudness", round(level, 1) if math.isfinite(level) else None, "LUFS",
            f"{TARGET_LUFS:.0f}, give or take {_LOUD_ROOM:.0f}",
            "good" if abs(level - TARGET_LUFS) <= _LOUD_ROOM else "look" if math.isfinite(level) else "not measured"),
        Row("clipping", round(100 * cut, 3), "% of samples", "0", "good" if cut == 0 else "look" if cut < 1e-3 else "bad"),
        Row("clicks", float(clicks), "", "0", "good" if clicks == 0 else "look"),
    ]  # fmt: skip


def clicks_in(samples: np.ndarray) -> int:
    """Jumps of a quarter of full scale between neighbouring samples that are 12 times the steps around them (20 ms)."""
    from scipy.ndimage import maximum_filter1d, percentile_filter

    step = np.abs(np.diff(np.asarray(samples, np.float32)))
    if step.size < 16:
        return 0
    high = np.flatnonzero((step >= _STEP) & (step == maximum_filter1d(step, 240)))
    around = percentile_filter(step, 90, 480) if high.size else step
    return int(sum(step[i] > 12 * max(float(around[i]), 1e-4) for i in high))
