"""Emotion and words in time: curves over characters or seconds, spans of words and phones."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from genstudio.emotion import Emotion, EmotionCurve
from genstudio.media.rates import FRAME_RATE
from genstudio.protocols import Span

from .frontend import Sentence

_NEAR = 0.75  # characters behind a word's start at which a tag before it holds


def over_text(curve: EmotionCurve) -> bool:
    """Whether a curve's times are characters (what `parse_tagged` gives) rather than seconds."""
    return curve.mode == "hold" and curve.transition == 1.0


def at_place(emotion: Emotion | EmotionCurve, character: int, seconds: float) -> Emotion:
    """What is felt at a place of the text that is reached after so many seconds."""
    if isinstance(emotion, Emotion):
        return emotion
    return emotion.at(character + _NEAR if over_text(emotion) else seconds)


def over_phones(curve: EmotionCurve, sentence: Sentence) -> list[Emotion]:
    """A curve over characters -> the emotion of every phone: that of its word; a pause takes the word before it."""
    of_word = [curve.at(w.start + _NEAR) for w in sentence.words]
    kept: list[Emotion] = []
    for e in of_word:  # equal neighbours are one object, so that each is encoded once
        kept.append(kept[-1] if kept and kept[-1] == e else e)
    out, last = [], kept[0]
    for w in sentence.word:
        last = kept[w] if w >= 0 else last
        out.append(last)
    return out


def timings(sentence: Sentence, durations: np.ndarray) -> tuple[tuple[Span, ...], tuple[Span, ...]]:
    """Words and phones of a sentence, from the frames of every phone."""
    ends = np.cumsum(durations) / FRAME_RATE
    starts = ends - durations / FRAME_RATE
    words = tuple(Span(w.text, float(starts[w.first]), float(ends[w.last - 1])) for w in sentence.words)
    phones = tuple(
        Span("" if p < 0 else s, float(a), float(b))
        for s, p, a, b in zip(sentence.symbols, sentence.word, starts, ends, strict=True)
        if b > a
    )
    return words, phones


def timed(curve: EmotionCurve, text: str, words: Sequence[Span]) -> EmotionCurve:
    """A curve over characters as one over seconds, by the words' times."""
    if not over_text(curve):
        return curve
    at, chars, end = 0, [], words[-1].end
    words = [w for w in words if not w.text.startswith("[")]  # sounds are not in the text
    for w in words:
        at = text.find(w.text, at)
        chars.append(at)
        at += len(w.text)
    times = []
    for t in curve.times:
        later = [w.start for w, c in zip(words, chars, strict=True) if c >= t - 1]
        times.append(later[0] if later else end)
    times[0] = 0.0
    for i in range(1, len(times)):
        times[i] = max(times[i], times[i - 1] + 0.05)
    return curve.mapped(times)
