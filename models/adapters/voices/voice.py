"""`PretrainedVoice`: what every voice of others shares, the choice of levers above all."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

from genstudio.emotion import Emotion, EmotionCurve
from genstudio.errors import InputError, suggest
from genstudio.protocols import Speech

from ..directions import Directions
from ..fitting import kept
from ..levers import acts
from . import chosen
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
        reference: Any = None, sentences: Sequence[str] = chosen.SENTENCES, **options: Any,
    ) -> dict[str, Any]:  # fmt: skip
        """Find the directions, then try every lever and keep the best for later (see `chosen`).

        data: labelled clips; a voice that learns its directions from words needs none. reference: a clip to clone while trying;
        options: what the model takes in a call. Returns the directions' reports, and what each lever was worth.
        """
        about: dict[str, Any] = {"fingerprint": self.key}
        if self.directed:
            key, kind = self._kept_as
            found, known = kept(key, lambda: self._find(data, progress), force, kind, self.spec)
            self.__dict__["found"] = found
            about |= {"cached": known, **{k: v.report() for k, v in found.items()}}
        return about | chosen.measure(self, reference, options, sentences, progress)

    # levers

    def levers(self, cloned: bool) -> tuple[str, ...]:
        """The levers that can act, in the order in which they are preferred before anything was measured."""
        out = ("reference",) if cloned else (("settings+after",) if self.has_settings else ()) + ("after",)
        return out + (("after",) if cloned else ()) + (("directions",) if self.directed else ())

    def default_lever(self, cloned: bool) -> str:
        """The lever that `fit` measured to work best with these weights, else the first of `levers`."""
        found = chosen.kept(self.key, cloned)
        return found["lever"] if found and found["lever"] in self.levers(cloned) else self.levers(cloned)[0]

    def __call__(
        self, text: str, emotion: Emotion | EmotionCurve, *, voice: str | None = None, seed: int = 0,
        progress: Callable[[float], None] | None = None, **options: Any,
    ) -> Speech:  # fmt: skip
        """Speak. options: reference (a clip to clone), reference_text (what it says), lever (see the class), strength (0 to 2: 0 is
        the plain model, bit for bit), and what the model itself takes."""
        made = self._speaker_of(emotion, voice, seed, options)(text)
        if progress:
            progress(1.0)
        return made

    def stream(
        self, text: str, emotion: Emotion | EmotionCurve, *, voice: str | None = None, seed: int = 0, **options: Any
    ) -> Iterator[Speech]:
        """The same sentence by sentence, each as soon as it is spoken; the clip is given its emotion once."""
        say = self._speaker_of(emotion, voice, seed, options)
        parts = [p.strip() for p in _SENTENCE.split(text) if any(c.isalnum() for c in p)]
        return (say(part) for part in parts or [text])

    def _speaker_of(
        self, emotion: Emotion | EmotionCurve, voice: str | None, seed: int, options: dict[str, Any]
    ) -> Callable[[str], Speech]:
        """The options checked and the clip made ready; says one text at a time."""
        if isinstance(emotion, EmotionCurve):
            emotion = emotion.mean()  # a model of others is moved once a call
        felt = emotion
        if options.pop("marks", None):
            raise InputError(
                f"'{self.name}' knows no sounds, pauses or emphasis within a text; the embedded voice does"
            )
        own = {k: options.pop(k) for k in _OWN if k in options}
        strength = _strength(own.get("strength", 1.0))
        cloned = own.get("reference") is not None
        if cloned and not self.clones:
            raise InputError(f"'{self.name}' clones no voice; leave the reference out")
        lever = str(own.get("lever") or self.default_lever(cloned))
        parts = self._parts(lever, cloned)
        about: dict[str, Any] = {"engine": self.name, "lever": lever, "strength": strength}
        clip = None
        if cloned:
            clip = reference_of(_path(own["reference"]))
            if "reference" in parts:
                clip, about["reference"] = emotional(clip, felt, strength, seed)
        inside = tuple(p for p in parts if p in ("directions", "settings"))
        push = Push(inside, felt, strength) if inside and acts(felt, strength) else None

        def say(text: str) -> Speech:
            made = self.plain(text, seed, clip, str(own.get("reference_text", "")), options, voice, push)
            info = dict(about)
            if "after" in parts:
                made, info["after"] = emotional(made, felt, strength, seed, keep_tempo="settings" in parts)
            return Speech(made.samples, made.rate, text, made.language, made.voice, felt, None, (), (), seed, info)

        return say

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


def _strength(value: Any) -> float:
    try:
        strength = float(value)
    except (TypeError, ValueError):
        strength = float("nan")
    if not 0 <= strength <= MAX_STRENGTH:
        raise InputError(f"strength must lie within 0 to {MAX_STRENGTH:g}; got {value}")
    return strength
