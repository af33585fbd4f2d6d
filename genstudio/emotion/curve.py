"""Emotion over time: `EmotionCurve`, from inline tags or keyframes, sampled smoothly at any rate."""

from __future__ import annotations

import bisect
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from genstudio.emotion.space import Emotion
from genstudio.errors import EmotionError
from genstudio.signals.shapes import smoothstep

_TRANSITION = 0.35  # seconds over which one held emotion passes into the next


@dataclass(frozen=True)
class EmotionCurve:
    """A sequence of keyframes: `times` ascending (seconds, or characters of a text), one `Emotion` each.

    mode 'smooth' interpolates between keyframes with a smoothstep; mode 'hold' keeps each emotion until the next
    keyframe and passes over within `transition` units around it (this is what inline tags give).

    >>> c = EmotionCurve.keyframes({0: "sadness", 2: "joy"})
    >>> c.at(0).top, c.at(2).top, c.at(5).top
    ('sadness', 'joy', 'joy')
    """

    times: tuple[float, ...]
    emotions: tuple[Emotion, ...]
    mode: str = "smooth"
    transition: float = _TRANSITION

    def __post_init__(self) -> None:
        if not self.times or len(self.times) != len(self.emotions):
            raise EmotionError("an emotion curve needs at least one keyframe, and one emotion a keyframe")
        if not all(math.isfinite(t) for t in self.times):
            raise EmotionError(f"keyframe times are numbers of seconds; got {list(self.times)}")
        if any(b <= a for a, b in zip(self.times, self.times[1:], strict=False)):
            raise EmotionError(f"keyframe times must ascend; got {list(self.times)}")
        if self.mode not in ("smooth", "hold"):
            raise EmotionError(f"unknown curve mode '{self.mode}'; valid: smooth, hold")

    @classmethod
    def keyframes(cls, frames: Mapping[float, Emotion | str] | Iterable[tuple[float, Emotion | str]]) -> EmotionCurve:
        """From {seconds: emotion}, emotions as values or expressions."""
        try:
            items = sorted((float(t), e) for t, e in dict(frames).items())
        except (TypeError, ValueError):
            raise EmotionError(f"keyframes are {{seconds: emotion}}; got {frames!r}") from None
        return cls(
            tuple(t for t, _ in items),
            tuple(e if isinstance(e, Emotion) else Emotion.parse(e) for _, e in items),
        )

    @classmethod
    def constant(cls, emotion: Emotion) -> EmotionCurve:
        """One emotion throughout."""
        return cls((0.0,), (emotion,))

    @property
    def duration(self) -> float:
        """The last keyframe's time."""
        return self.times[-1]

    def at(self, time: float) -> Emotion:
        """The emotion at a time; before the first and after the last keyframe theirs holds."""
        i = bisect.bisect_right(self.times, time) - 1
        if self.mode == "smooth":
            if i < 0 or i == len(self.times) - 1:
                return self.emotions[max(i, 0)]
            x = (time - self.times[i]) / (self.times[i + 1] - self.times[i])
            return self.emotions[i].interpolate(self.emotions[i + 1], smoothstep(x))
        for k in (i, i + 1):  # a transition is centred on the boundary it belongs to
            if 1 <= k < len(self.times):
                half = min(self.transition, *self._gaps(k)) / 2
                x = (time - self.times[k] + half) / (2 * half)
                if 0 <= x < 1:
                    return self.emotions[k - 1].interpolate(self.emotions[k], smoothstep(x))
        return self.emotions[max(i, 0)]

    def _gaps(self, k: int) -> tuple[float, ...]:
        after = (self.times[k + 1] - self.times[k],) if k + 1 < len(self.times) else ()
        return (self.times[k] - self.times[k - 1], *after)

    def sample(self, times: Sequence[float]) -> list[Emotion]:
        """The emotion at each time. Equal neighbours are the same object."""
        out: list[Emotion] = []
        for t in times:
            e = self.at(float(t))
            out.append(out[-1] if out and e == out[-1] else e)
        return out

    def mean(self) -> Emotion:
        """The average over the span of the curve (100 samples)."""
        if len(self.times) == 1:
            return self.emotions[0]
        lo, hi = self.times[0], self.times[-1] + (self.transition if self.mode == "hold" else 0.0)
        es = self.sample([lo + (hi - lo) * (i + 0.5) / 100 for i in range(100)])
        return es[0].mix(*es[1:])

    def mapped(self, times: Sequence[float]) -> EmotionCurve:
        """The same emotions at other times, e.g. characters of a text mapped to seconds of speech."""
        return EmotionCurve(tuple(float(t) for t in times), self.emotions, self.mode, _TRANSITION)

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "times": list(self.times), "emotions": [e.to_dict() for e in self.emotions], "mode": self.mode,
            "transition": self.transition,
        }  # fmt: skip

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> EmotionCurve:
        """The inverse of `to_dict`."""
        return cls(
            tuple(data["times"]),
            tuple(Emotion.from_dict(e) for e in data["emotions"]),
            data["mode"],
            data["transition"],
        )


def parse_tagged(text: str, default: Emotion) -> tuple[str, EmotionCurve | None]:
    """Split inline emotion tags from a text.

    Returns the plain text, and a curve over its characters (mode 'hold'), or None when there is no tag. Text before
    the first tag has the default emotion. `[neutral]` returns to neutral.

    >>> parse_tagged("I was sure. [fear:0.8] Then the door opened.", Emotion.neutral())[0]
    'I was sure. Then the door opened.'
    """
    from genstudio.script import parse_script

    script = parse_script(text, default)
    return script.plain, script.curve
