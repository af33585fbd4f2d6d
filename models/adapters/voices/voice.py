"""`PretrainedVoice`: what every voice of others shares, the choice of levers above all."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

from genstudio.arguments import number
from genstudio.emotion import Emotion, EmotionCurve
from genstudio.errors import InputError, suggest
from genstudio.protocols import Speech

from ..directions import Directions
from ..fitting import kept
from ..levers import acts
from ..sweep import strength_of
from . import chosen
from .batches import MOST, Line
from .clips import emotional, reference_of

LEVERS = ("reference", "directions", "settings", "after")
MAX_STRENGTH = 2.0
_SENTENCE = re.compile(r"(?<=[.!?…])\s+")
_OWN = ("reference", "reference_text", "lever", "strength")


@dataclass(frozen=True)
class Push:
    """How a model is moved from inside: by which of 'directions' and 'settings', towards what, how strongly."""

    levers: tuple[str, ...]
    emotion: Emotion
    strength: float


@dataclass(frozen=True)
class Plan:
    """How one text is to be said: what `_planned` made of the options."""

    felt: Emotion
    strength: float
    parts: tuple[str, ...]
    about: dict[str, Any]
    clip: Speech | None
    clip_text: str
    options: dict[str, Any]
    push: Push | None


class PretrainedVoice:
    """A voice that hears no emotion, made to follow one (`genstudio.protocols.SpeechEngine`).

    Levers, joined by '+' where several act: 'reference' (the clip to clone is given the emotion first), 'directions' (in the
    model's own conditioning), 'settings' (its own knobs of length and variety), 'after' (prosody laid on what it said), 'none'.
    Without a choice the one that was measured best by `fit` acts, else the first that the voice has. Best of N
    (`takes`) comes on top in the Studio.

    A subclass gives `plain`, and where directions can be found in it (`directed`) `_find` and `_kept_as`.
    """

    scheme: ClassVar[str]
    has_settings = False
    directed = False
    clones = False

    def __init__(self, spec: str, key: str, rate: int) -> None:
        self.spec, self.key, self.rate = spec, key, rate
        self.name = f"{self.scheme}:{spec}"

    def voices(self) -> Sequence[Mapping[str, str]]:
        """The model's own voice, or the reference's."""
        about = "the voice of reference=CLIP" if self.clones else "the model's own voice"
        return [{"name": "default", "language": "", "description": about}]

    def plain(
        self, text: str, seed: int, clip: Speech | None = None, clip_text: str = "", options: Mapping[str, Any] | None = None,
        voice: str | None = None, push: Push | None = None,
    ) -> Speech:  # fmt: skip
        """What the model says by itself, or moved from inside by `push`."""
        raise NotImplementedError

    def plains(
        self, lines: Sequence[Line], clip_text: str = "", options: Mapping[str, Any] | None = None, voice: str | None = None,
        push: Push | None = None, most: int = MOST,
    ) -> list[Speech]:  # fmt: skip
        """Several texts under one push, as `plain` says each; one after the other where the model takes no batches."""
        return [self.plain(x.text, x.seed, x.clip, clip_text, options, voice, push) for x in lines]

    # directions

    def _find(self, data: Path | None, progress: Any) -> dict[str, Directions]:
        """Find the directions; data: labelled clips, where those are needed."""
        raise NotImplementedError

    @property
    def _kept_as(self) -> tuple[str, str]:
        """Fingerprint and kind under which the directions are kept in the cache."""
        raise NotImplementedError

    @cached_property
    def found(self) -> dict[str, Directions]:
        """The directions, from the cache or found now. Raises InputError where that needs clips (`fit` with data)."""
        key, kind = self._kept_as
        return kept(key, lambda: self._find(None, None), False, kind, self.spec)[0]

    def fit(
        self, data: Path | None = None, *, force: bool = False, progress: Callable[[float], None] | None = None,
        reference: Any = None, sentences: Sequence[str] = chosen.SENTENCES, strengths: Sequence[float] = chosen.STRENGTHS,
        **options: Any,
    ) -> dict[str, Any]:  # fmt: skip
        """Find the directions, then try every lever at several strengths and keep the best for later (see `chosen`).

        data: labelled clips; a voice that learns its directions from words needs none. reference: a clip to clone while trying;
        options: what the model takes in a call. Returns the directions' reports, and what each lever was worth.
        """
        about: dict[str, Any] = {"fingerprint": self.key}
        if self.directed:
            key, kind = self._kept_as
            found, known = kept(key, lambda: self._find(data, progress), force, kind, self.spec)
            self.__dict__["found"] = found
            about |= {"cached": known, **{k: v.report() for k, v in found.items()}}
        return about | chosen.measure(self, reference, options, sentences, progress, strengths)

    # levers

    def levers(self, cloned: bool) -> tuple[str, ...]:
        """The levers that can act, in the order in which they are preferred before anything was measured."""
        out = ("reference",) if cloned else (("settings+after",) if self.has_settings else ()) + ("after",)
        return out + (("after",) if cloned else ()) + (("directions",) if self.directed else ())

    def default_lever(self, cloned: bool) -> str:
        """The lever that `fit` measured to work best with these weights, else the first of `levers`."""
        found = chosen.kept(self.key, cloned)
        return found["lever"] if found and found["lever"] in self.levers(cloned) else self.levers(cloned)[0]

    def default_strength(self, cloned: bool, lever: str) -> float:
        """How strongly a lever acts when nobody says: as `fit` measured to suit it with these weights, else 1."""
        return min(strength_of(chosen.kept(self.key, cloned), lever), MAX_STRENGTH)

    def __call__(
        self, text: str, emotion: Emotion | EmotionCurve, *, voice: str | None = None, seed: int = 0,
        progress: Callable[[float], None] | None = None, **options: Any,
    ) -> Speech:  # fmt: skip
        """Speak. options: reference (a clip to clone), reference_text (what it says), lever (see the class), strength (0 to 2: 0 is
        the plain model, bit for bit; the measured one, else 1), and what the model itself takes."""
        plan = self._planned(emotion, seed, options)
        made = self._finished(self._said(plan, text, seed, voice), plan, text, seed)
        if progress:
            progress(1.0)
        return made

    def many(
        self, texts: Sequence[str], emotions: Emotion | EmotionCurve | Sequence[Emotion | EmotionCurve], *,
        seeds: Sequence[int] = (0,), voice: str | None = None, progress: Callable[[float], None] | None = None,
        most: int = MOST, **options: Any,
    ) -> list[Speech]:  # fmt: skip
        """Several texts in batches: what one call each would say, within rounding, where the model lets a text have its own random
        numbers (see `plains`). emotions, seeds: one for all, or one a text; most: texts at a time, fewer where memory is short."""
        if most < 1:
            raise InputError(f"a batch holds one text or more; got most={most}")
        count = len(texts)
        felt = [emotions] if isinstance(emotions, (Emotion, EmotionCurve)) else list(emotions)
        seeds = list(seeds)
        for what, given in (("emotions", felt), ("seeds", seeds)):
            if len(given) not in (1, count):
                raise InputError(f"give one of the {what}, or as many as texts; got {len(given)} for {count}")
        felt, seeds = felt * (count if len(felt) == 1 else 1), seeds * (count if len(seeds) == 1 else 1)
        plans = [self._planned(e, s, dict(options)) for e, s in zip(felt, seeds, strict=True)]
        alike: dict[str, list[int]] = {}  # pushes move the whole model: lines under one push go together
        for i, plan in enumerate(plans):
            alike.setdefault(repr(plan.push), []).append(i)
        made: dict[int, Speech] = {}
        for places in alike.values():
            lines = [Line(texts[i], seeds[i], plans[i].clip) for i in places]
            first = plans[places[0]]
            said = self.plains(lines, first.clip_text, first.options, voice, first.push, most)
            for i, speech in zip(places, said, strict=True):
                made[i] = self._finished(speech, plans[i], texts[i], seeds[i])
            if progress:
                progress(len(made) / count)
        return [made[i] for i in range(count)]

    def stream(
        self, text: str, emotion: Emotion | EmotionCurve, *, voice: str | None = None, seed: int = 0, **options: Any
    ) -> Iterator[Speech]:
        """The same sentence by sentence, each as soon as it is spoken; the clip is given its emotion once."""
        plan = self._planned(emotion, seed, options)
        parts = [p.strip() for p in _SENTENCE.split(text) if any(c.isalnum() for c in p)]
        return (self._finished(self._said(plan, part, seed, voice), plan, part, seed) for part in parts or [text])

    def _planned(self, emotion: Emotion | EmotionCurve, seed: int, options: dict[str, Any]) -> Plan:
        """The options checked and the clip made ready."""
        if isinstance(emotion, EmotionCurve):
            emotion = emotion.mean()  # a model of others is moved once a call
        felt = emotion
        if options.pop("marks", None):
            raise InputError(
                f"'{self.name}' knows no sounds, pauses or emphasis within a text; the embedded voice does"
            )
        own = {k: options.pop(k) for k in _OWN if k in options}
        cloned = own.get("reference") is not None
        if cloned and not self.clones:
            raise InputError(f"'{self.name}' clones no voice; leave the reference out")
        lever = str(own.get("lever") or self.default_lever(cloned))
        asked = own.get("strength")
        strength = number("strength", self.default_strength(cloned, lever) if asked is None else asked, 0, MAX_STRENGTH)
        parts = self._parts(lever, cloned)
        about: dict[str, Any] = {"engine": self.name, "lever": lever, "strength": strength}
        clip = None
        if cloned:
            clip = reference_of(_path(own["reference"]))
            if "reference" in parts:
                clip, about["reference"] = emotional(clip, felt, strength, seed)
        inside = tuple(p for p in parts if p in ("directions", "settings"))
        push = Push(inside, felt, strength) if inside and acts(felt, strength) else None
        return Plan(felt, strength, parts, about, clip, str(own.get("reference_text", "")), options, push)

    def _said(self, plan: Plan, text: str, seed: int, voice: str | None) -> Speech:
        return self.plain(text, seed, plan.clip, plan.clip_text, plan.options, voice, plan.push)

    def _finished(self, made: Speech, plan: Plan, text: str, seed: int) -> Speech:
        """What the voice said, with the lever that acts on it afterwards, and what was done to it."""
        info = dict(plan.about)
        if "after" in plan.parts:
            made, info["after"] = emotional(made, plan.felt, plan.strength, seed, keep_tempo="settings" in plan.parts)
        return Speech(made.samples, made.rate, text, made.language, made.voice, plan.felt, None, (), (), seed, info)

    def _parts(self, lever: str, cloned: bool) -> tuple[str, ...]:
        parts = tuple(lever.split("+")) if lever != "none" else ()
        for part in parts:
            if part not in LEVERS:
                raise InputError(
                    f"unknown lever '{part}'; valid: {', '.join(LEVERS)}, joined by '+', or none"
                    + suggest(part, LEVERS)
                )
        if "reference" in parts and not cloned:
            raise InputError("lever 'reference' needs a clip to clone; give reference=CLIP, or use lever 'after'")
        if "directions" in parts and not self.directed:
            raise InputError(f"'{self.name}' has no conditioning to find directions in; use another lever")
        if "settings" in parts and not self.has_settings:
            raise InputError(f"'{self.name}' has no settings of length and variety; use another lever")
        return parts


def _path(given: Any) -> str | Path | Speech:
    return given if isinstance(given, (Path, Speech)) else str(given)
