"""`VoiceSounds`: the sounds of every voice, each voice known by letting it speak once."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from genstudio.emotion import Emotion

from ..analysis.features import Features
from .data import Person, spectrum_of
from .maker import SoundMaker, strength_of

TEXTS = {
    "en": ("The boat is on the lake.", "We will be there in the morning, before the shop opens."),
    "de": ("Das Boot liegt am See.", "Wir kommen morgen früh, bevor der Laden öffnet."),
}


class VoiceSounds:
    """speak: (sentence, voice, language) to its features, neutral."""

    def __init__(self, speak: Callable[[str, str, str], Features], maker: SoundMaker | None = None) -> None:
        self._speak, self._maker = speak, maker or SoundMaker.load()
        self._people: dict[str, Person] = {}

    def person(self, voice: str, language: str) -> Person:
        """Mean spectrum and usual pitch of a voice."""
        if voice not in self._people:
            spoken = [self._speak(t, voice, language) for t in TEXTS[language]]
            f0 = np.concatenate([f.f0[f.voiced] for f in spoken])
            own = float(np.median(f0)) if len(f0) else 180.0
            self._people[voice] = Person(spectrum_of([f.envelope for f in spoken]), own)
        return self._people[voice]

    def __call__(self, name: str, voice: str, language: str, felt: Emotion, seed: int) -> Features:
        """A sound as strong as the emotion. Raises InputError for an unknown name."""
        return self._maker(name, self.person(voice, language), strength_of(felt), seed)
