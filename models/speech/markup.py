"""Marks of a script laid on a sentence: rate, pitch and volume of its phones, pauses and sounds between its words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from genstudio.media.rates import SAMPLE_RATE
from genstudio.protocols import Span
from genstudio.script import Mark

from .frontend import Sentence
from .sounds import PAUSES

_FADE = 120  # samples: 5 ms
_LEAST = 0.02  # seconds of silence on either side of a sound


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
    sound: Callable[[Mark, int, float], np.ndarray], pause: float = 1.0,
) -> tuple[np.ndarray, tuple[Span, ...], tuple[Span, ...]]:  # fmt: skip
    """Pauses and sounds put between the words, sounds timed as words are; what follows moves along.

    sound(mark, number, seconds at which it stands): samples at SAMPLE_RATE. pause: factor on the silence around a sound.
    """
    pieces: list[np.ndarray] = []
    cut_at = 0
    moved: list[tuple[float, float]] = []  # (from this time on, later by)
    made: list[Span] = []
    added = 0.0
    for number, (word, mark) in enumerate(places):
        before = words[word - 1].end if word > 0 else 0.0
        after = words[word].start if word < len(words) else len(samples) / SAMPLE_RATE
        time = 0.5 * (before + after) if 0 < word < len(words) else after
        at = max(cut_at, min(int(time * SAMPLE_RATE), len(samples)))
        pieces.append(_faded(samples[cut_at:at]))
        here = at / SAMPLE_RATE + added
        first = not made or moved[-1][0] < at / SAMPLE_RATE  # else a sound or pause just before has made room
        cut_at = at
        if mark.kind == "break":
            piece = _silence(mark.seconds)
        else:
            room = PAUSES[mark.name]
            lead = _silence(max(_LEAST, room[0] * pause - (time - before if first else _LEAST)))
            tail = _silence(max(_LEAST, room[1] * pause - (after - time)))
            burst = _faded(sound(mark, number, here))
            piece = np.concatenate([lead, burst, tail])
            begin = here + len(lead) / SAMPLE_RATE
            made.append(Span(f"[{mark.name}]", begin, begin + len(burst) / SAMPLE_RATE))
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

    timed = sorted((*later(words), *made), key=lambda s: s.start)
    return np.concatenate(pieces), tuple(timed), later(phones)


def _silence(seconds: float) -> np.ndarray:
    return np.zeros(round(seconds * SAMPLE_RATE), np.float32)


def _faded(x: np.ndarray) -> np.ndarray:
    """Without a click at either end."""
    if len(x) < 2 * _FADE:
        return x.astype(np.float32)
    ramp = np.linspace(0, 1, _FADE, dtype=np.float32)
    out = x.astype(np.float32).copy()
    out[:_FADE] *= ramp
    out[-_FADE:] *= ramp[::-1]
    return out
