"""The emotion space: one frozen `Emotion`, and what can be done with it.

Operations follow the structural model of emotions (Plutchik 1980; Daisy-TTS 2024): mix, scale, negate, interpolate.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from genstudio.emotion import norms
from genstudio.errors import EmotionError, suggest

MAX_INTENSITY = 1.5
_KERNEL = 0.25  # width of the kernel that turns a point into a distribution over categories
_CUBE_DIAGONAL = {1: 2.0, 2: math.sqrt(8.0), 3: math.sqrt(12.0)}  # largest distance over 1, 2, 3 axes of -1..1


@dataclass(frozen=True)
class Emotion:
    """One emotion.

    valence, arousal, dominance: -1..1, after intensity. A dominance left out (None) is inferred from the other two by
    regression over the norms, and `dominance_inferred` says so. categories: name → weight, sums to 1; names are those
    of `norms.vocabulary()`; left out, it is inferred from the point. intensity: 0..1.5, how strong it is meant
    relative to the full emotion that the categories name.

    >>> Emotion(0.7, -0.3).dominance_inferred
    True
    >>> Emotion.parse("joy").top
    'joy'
    """

    valence: float
    arousal: float
    dominance: float | None = None  # type: ignore[assignment]  # a float after construction
    categories: Mapping[str, float] = field(default_factory=dict)
    intensity: float = 1.0
    dominance_inferred: bool = field(default=False, compare=False)
    text: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        set_ = object.__setattr__
        for axis in ("valence", "arousal", "dominance"):
            value = getattr(self, axis)
            if axis == "dominance" and value is None:
                b0, bv, ba = norms.dominance_regression()
                inferred = b0 + bv * self.valence + ba * self.arousal if (self.valence or self.arousal) else 0.0
                set_(self, axis, max(-1.0, min(1.0, inferred)))
                set_(self, "dominance_inferred", True)
                continue
            set_(self, axis, _number(axis, value, -1.0, 1.0))
        set_(self, "intensity", _number("intensity", self.intensity, 0.0, MAX_INTENSITY))
        if self.categories:
            set_(self, "categories", _distribution(self.categories))
        else:
            set_(self, "categories", MappingProxyType(_kernel(self.vad, norms.EKMAN)))

    def __hash__(self) -> int:
        return hash((self.vad, self.intensity, tuple(self.categories.items())))

    def __reduce__(self) -> tuple[Any, ...]:  # a mapping proxy cannot be pickled
        return Emotion, (
            *self.vad, dict(self.categories), self.intensity, self.dominance_inferred, self.text,
        )  # fmt: skip

    # construction

    @classmethod
    def parse(cls, expression: str, intensity: float | None = None) -> Emotion:
        """Understand any expression: a word, a mix, `-joy`, `valence=…`, a compound, a norm word or free text.

        intensity scales the whole from neutral, 0..1.5. Raises EmotionError with the nearest known words.
        """
        from genstudio.emotion.parse import parse

        emotion = parse(expression)
        return emotion if intensity is None else emotion.scaled(intensity)

    @classmethod
    def neutral(cls) -> Emotion:
        """The origin."""
        return cls(0.0, 0.0, 0.0, {"neutral": 1.0}, 1.0)

    @classmethod
    def of(cls, name: str, weight: float = 1.0) -> Emotion:
        """A named category of `norms.vocabulary()` at `weight` (0..1.5, above 1 exaggerates)."""
        if not isinstance(name, str):
            raise EmotionError(f"a category is a name such as 'joy'; got {name!r}")
        return cls.of_categories({name: 1.0}).scaled(weight) if weight != 1.0 else cls.of_categories({name: 1.0})

    @classmethod
    def of_categories(cls, categories: Mapping[str, float]) -> Emotion:
        """The emotion of a distribution over category names; VAD is that of the mix. Mass below 1 is filled by neutral."""
        categories = dict(categories)
        for name, weight in categories.items():
            _number(f"weight of {name}", weight, 0.0, math.inf)
        total = sum(categories.values())
        mix = {k: w / max(total, 1.0) for k, w in categories.items() if w > 0}
        rest = 1.0 - sum(mix.values())
        if rest > 1e-9:
            mix["neutral"] = mix.get("neutral", 0.0) + rest
        return cls(*vad_of_categories(mix), mix, min(1.0, total) if total > 0 else 1.0)

    @classmethod
    def from_vad(cls, valence: float, arousal: float, dominance: float | None = None) -> Emotion:
        """A point in the space; its categories are inferred from where it lies."""
        return cls(valence, arousal, dominance)

    # views

    @property
    def vad(self) -> tuple[float, float, float]:
        """Valence, arousal, dominance."""
        assert self.dominance is not None  # set at construction
        return (self.valence, self.arousal, self.dominance)

    @property
    def top(self) -> str:
        """The category with the largest weight."""
        return max(self.categories, key=lambda name: self.categories[name])

    def ekman(self) -> dict[str, float]:
        """The distribution over the canonical seven, in canonical order, sums to 1."""
        return self.convert("ekman")

    def convert(self, taxonomy: str) -> dict[str, float]:
        """The distribution over a taxonomy's members ('ekman', 'mikels', 'plutchik', 'dyads', 'goemotions', 'compound').

        A member keeps its weight; a compound or dyad passes it to its parts where these are members; any other
        category passes it to the members near it in VAD. Sums to 1.
        """
        if taxonomy not in norms.TAXONOMIES:
            raise EmotionError(
                f"unknown taxonomy '{taxonomy}'; valid: {', '.join(norms.TAXONOMIES)}"
                + suggest(taxonomy, tuple(norms.TAXONOMIES))
            )
        members = norms.TAXONOMIES[taxonomy]
        out = dict.fromkeys(members, 0.0)
        for name, weight in self.categories.items():
            parts = norms.COMPOUNDS.get(name) or norms.DYADS.get(name)
            if name in out:
                out[name] += weight
            elif parts and all(p in out for p in parts):
                for p in parts:
                    out[p] += weight / 2
            else:
                for member, share in _kernel(norms.coordinates()[name], members).items():
                    out[member] += weight * share
        return out

    def nearest(self, n: int = 3) -> list[str]:
        """The n rated words closest in VAD, nearest first."""
        return sorted(norms.words(), key=lambda w: math.dist(norms.words()[w], self.vad))[:n]

    # operations

    def scaled(self, factor: float) -> Emotion:
        """Stronger or weaker, from neutral: factor 0..1.5; the result's intensity stays within 0..1.5."""
        factor = _number("intensity", factor, 0.0, MAX_INTENSITY)
        felt = {k: w * factor for k, w in self.categories.items() if k != "neutral" and w * factor > 0}
        total = sum(felt.values())
        mix = {k: w / max(total, 1.0) for k, w in felt.items()}
        if total < 1.0 - 1e-9:
            mix["neutral"] = 1.0 - total
        v, a, d = (max(-1.0, min(1.0, x * factor)) for x in self.vad)
        return Emotion(v, a, d, mix, min(MAX_INTENSITY, self.intensity * factor), self.dominance_inferred, self.text)

    def __neg__(self) -> Emotion:
        """The opposite: the mirrored point; categories take their opposites on Plutchik's wheel, else by VAD.

        The opposite of neutral is neutral.

        >>> (-Emotion.parse("joy")).top
        'sadness'
        """
        v, a, d = (-x + 0.0 for x in self.vad)
        mix: dict[str, float] = {}
        for name, weight in self.categories.items():
            if name == "neutral":
                shares = {"neutral": 1.0}
            elif name in norms.OPPOSITES:
                shares = {norms.OPPOSITES[name]: 1.0}
            else:
                x, y, z = norms.coordinates()[name]
                shares = _kernel((-x, -y, -z), norms.PLUTCHIK)
            for other, share in shares.items():
                mix[other] = mix.get(other, 0.0) + weight * share
        return Emotion(v, a, d, mix, self.intensity, self.dominance_inferred)

    def mix(self, *others: Emotion, weights: Iterable[float] | None = None) -> Emotion:
        """The weighted mean of emotions (equal weights when none are given; they are normalised)."""
        parts = (self, *others)
        w = [float(x) for x in weights] if weights is not None else [1.0] * len(parts)
        if len(w) != len(parts) or min(w) < 0 or sum(w) <= 0:
            raise EmotionError(f"a mix of {len(parts)} emotions needs as many weights, 0 or more, not all 0; got {w}")
        w = [x / sum(w) for x in w]
        mix: dict[str, float] = {}
        for part, share in zip(parts, w, strict=True):
            for name, weight in part.categories.items():
                mix[name] = mix.get(name, 0.0) + share * weight
        v, a, d = (sum(s * p.vad[i] for p, s in zip(parts, w, strict=True)) for i in range(3))
        intensity = sum(s * p.intensity for p, s in zip(parts, w, strict=True))
        return Emotion(v, a, d, mix, intensity, any(p.dominance_inferred for p in parts))

    def interpolate(self, other: Emotion, t: float) -> Emotion:
        """From self (t = 0) to other (t = 1), straight through the space."""
        t = _number("t", t, 0.0, 1.0)
        if not isinstance(other, Emotion):
            raise EmotionError(f"an emotion passes into another Emotion; got {other!r}")
        return self if t == 0 else other if t == 1 else self.mix(other, weights=(1 - t, t))

    def distance(self, other: Any) -> float:
        """Distance 0..1 to an Emotion or a Reading: Euclidean over the axes that can be read, over the largest possible.

        NaN when the other has no axis that can be read.
        """
        pairs = [
            (x, getattr(other, axis)) for axis, x in zip(("valence", "arousal", "dominance"), self.vad, strict=True)
        ]
        known = [(x, y) for x, y in pairs if y is not None]
        if not known:
            return math.nan
        return math.sqrt(sum((x - y) ** 2 for x, y in known)) / _CUBE_DIAGONAL[len(known)]

    # exchange

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready; exact, so that `from_dict` gives an equal emotion."""
        return {
            "valence": self.valence, "arousal": self.arousal, "dominance": self.dominance,
            "dominance_inferred": self.dominance_inferred, "categories": dict(self.categories),
            "intensity": self.intensity, "text": self.text,
        }  # fmt: skip

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Emotion:
        """The inverse of `to_dict`."""
        try:
            return cls(
                data["valence"], data["arousal"], data.get("dominance"), data.get("categories", {}),
                data.get("intensity", 1.0), bool(data.get("dominance_inferred", False)), data.get("text", ""),
            )  # fmt: skip
        except KeyError as missing:
            raise EmotionError(f"an emotion needs 'valence' and 'arousal'; {missing} is missing") from None
        except (TypeError, AttributeError, IndexError):
            raise EmotionError(f"an emotion is read from what `to_dict` gives; got {data!r}") from None

    def __str__(self) -> str:
        named = " + ".join(
            f"{k} {w:.2f}" for k, w in sorted(self.categories.items(), key=lambda kv: -kv[1])[:3] if w >= 0.05
        )
        return f"{named} (V {self.valence:+.2f}, A {self.arousal:+.2f}, D {self.dominance:+.2f})"


def vad_of_categories(categories: Mapping[str, float]) -> tuple[float, float, float]:
    """Valence, arousal, dominance of a distribution over category names: the weighted mean of the norms' coordinates.

    >>> vad_of_categories({"joy": 0.5, "neutral": 0.5})[0]
    0.38
    """
    table = norms.coordinates()
    total = sum(categories.values())
    if total <= 0:
        raise EmotionError("a distribution over categories needs a positive weight")
    v, a, d = (sum(w * table[_known(k)][i] for k, w in categories.items()) / total for i in range(3))
    return v, a, d


def _kernel(point: tuple[float, float, float], members: tuple[str, ...]) -> dict[str, float]:
    table = norms.coordinates()
    squares = {m: math.dist(point, table[m]) ** 2 for m in members}
    least = min(squares.values())
    raw = {m: math.exp(-(s - least) / (2 * _KERNEL**2)) for m, s in squares.items()}
    kept = {m: x for m, x in raw.items() if x >= 0.01}
    total = sum(kept.values())
    return {m: x / total for m, x in kept.items()}


def _known(name: str) -> str:
    if name not in norms.coordinates():
        raise EmotionError(f"unknown category '{name}'" + suggest(name, norms.vocabulary()))
    return name


def _distribution(categories: Mapping[str, float]) -> Mapping[str, float]:
    clean = {_known(k): _number(f"weight of {k}", w, 0.0, math.inf) for k, w in categories.items()}
    total = sum(clean.values())
    if total <= 0:
        raise EmotionError("categories need at least one positive weight")
    order = {name: i for i, name in enumerate(norms.vocabulary())}
    total = 1.0 if abs(total - 1.0) < 1e-9 else total  # a distribution stays as it is, to the last bit
    kept = sorted(((k, w / total) for k, w in clean.items() if w > 0), key=lambda kv: order[kv[0]])
    return MappingProxyType(dict(kept))


def _number(what: str, value: Any, low: float, high: float) -> float:
    try:
        x = float(value)
    except (TypeError, ValueError):
        raise EmotionError(f"{what} must be a number from {low:g} to {high:g}; got {value!r}") from None
    if not (low - 1e-9 <= x <= high + 1e-9):  # also catches NaN
        raise EmotionError(f"{what} must lie within {low:g} to {high:g}; got {value}")
    return max(low, min(high, x))
