"""Marks of a script laid on a sentence: rate, pitch and volume of its phones, pauses and sounds between its words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from genstudio.media.rates import SAMPLE_RATE
from genstudio.protocols import Span
from genstudio.script import Mark

from .frontend import Sentence

_FADE = 120  # samples: 5 ms
_BREATH = 0.06  # seconds of silence around a sound


@dataclass(frozen=True)
class Touch:
    """Factors on rate and pitch, and decibels, of every phone [phones]."""

    rate: np.ndarray
    pitch: np.ndarray
    volume: np.ndarray


def touch_of(sentence: Sentence, marks: Sequence[Mark]) -> Touch | None:
    """What the marks ask of this sentence's phones; None when nothing. A pause takes the mark of the word before it."""
    n = len(sentence)
    rate, pitch, volume = np.ones(n), np.ones(n), np.zeros(n)
    touched = False
    before = 0
    for k, w in enumerate(sentence.word):
        before = w if w >= 0 else before
        word = sentence.words[before]
        for m in marks:
            if m.kind == "prosody" and m.start < word.end and m.end > word.start:
                rate[k] *= m.rate
                pitch[k] *= m.pitch
                volume[k] += m.volume
                touched = True
    return Touch(rate, pitch, volume) if touched else None


def between(sentence: Sentence, marks: Sequence[Mark], first: int, last: int) -> list[tuple[int, Mark]]:
    """Pauses and sounds of this sentence as (word before which it stands, mark); a word number of len(words) is its end.

    first, last: characters [first, last) of the text for which this sentence answers.
    """
    out = []
    for m in marks:
        if m.kind == "prosody" or not first <= m.start < last:
            continue
        after = [k for k, w in enumerate(sentence.words) if w.start >= m.start - 1]
        out.append((after[0] if after else len(sentence.words), m))
    return out


def insert(
    samples: np.ndarray, words: tuple[Span, ...], phones: tuple[Span, ...], places: Sequence[tuple[int, Mark]],
    sound: Callable[[str, int], np.ndarray],
) -> tuple[np.ndarray, tuple[Span, ...], tuple[Span, ...]]:  # fmt: skip
    """Pauses and sounds put between the words; what follows moves along. sound(name, number): samples at SAMPLE_RATE."""
    pieces: list[np.ndarray] = []
    cut_at = 0
    moved: list[tuple[float, float]] = []  # (from this time on, later by)
    added = 0.0
    for number, (word, mark) in enumerate(places):
        time = words[word].start if word < len(words) else len(samples) / SAMPLE_RATE
        if 0 < word < len(words):
            time = 0.5 * (words[word - 1].end + words[word].start)
        at = max(cut_at, min(int(time * SAMPLE_RATE), len(samples)))
        pieces.append(_faded(samples[cut_at:at]))
        cut_at = at
        quiet = np.zeros(int(_BREATH * SAMPLE_RATE), np.float32)
        if mark.kind == "break":
            piece = np.zeros(int(mark.seconds * SAMPLE_RATE), np.float32)
        else:
            piece = np.concatenate([quiet, _faded(sound(mark.name, number)), quiet])
        pieces.append(piece)
        added += len(piece) / SAMPLE_RATE
        moved.append((at / SAMPLE_RATE, added))
    pieces.append(_faded(samples[cut_at:]))

    def later(spans: tuple[Span, ...]) -> tuple[Span, ...]:
        out = []
        for s in spans:
            by = max((d for t, d in moved if t <= s.start + 1e-3), default=0.0)
            out.append(Span(s.text, s.start + by, s.end + by))
        return tuple(out)

    return np.concatenate(pieces), later(words), later(phones)


def _faded(x: np.ndarray) -> np.ndarray:
    """Without a click at either end."""
    if len(x) < 2 * _FADE:
        return x.astype(np.float32)
    ramp = np.linspace(0, 1, _FADE, dtype=np.float32)
    out = x.astype(np.float32).copy()
    out[:_FADE] *= ramp
    out[-_FADE:] *= ramp[::-1]
    return out
