"""The training distribution: scenes drawn by chance and rules, from which the networks learn.

>>> from genstudio.models.image.compose.sampler import Spec, sample
>>> layout, mood = sample(Spec("lake", ("boat", "night")), (0.6, -0.4, 0.1), seed=3)
>>> layout.subject, layout.maps.shape
('lake', (12, 64, 64))
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ...scene import mood_for
from . import events, places, towns, waters, wild
from .base import Dice, Mood
from .extras import ALWAYS, CONDITIONS, THINGS, WITH, pull_mood

if TYPE_CHECKING:
    from ..layout import F32, Layout

SUBJECTS = {**waters.SUBJECTS, **wild.SUBJECTS, **towns.SUBJECTS, **places.SUBJECTS, **events.SUBJECTS}
SUBJECT_NAMES = tuple(sorted(SUBJECTS))
_NO_RIDGES = {
    "mountain",
    "volcano",
    "canyon",
    "street",
    "canal",
    "market",
    "square",
    "city",
    "waterfall",
    "desert",
    "sea",
    "shipwreck",
}
_AMBIENT = ("rocks", "fence", "trees", "flowers", "path", "person")


@dataclass(frozen=True)
class Spec:
    """What a prompt asks for: a subject (SUBJECT_NAMES), things it adds (THINGS) and conditions (CONDITIONS)."""

    subject: str
    extras: tuple[str, ...] = ()

    @property
    def things(self) -> tuple[str, ...]:
        return tuple(e for e in self.extras if e in THINGS)

    @property
    def conditions(self) -> tuple[str, ...]:
        named = tuple(e for e in self.extras if e in CONDITIONS)
        implied = tuple(WITH[e] for e in self.extras if e in WITH and not named)
        return (*ALWAYS.get(self.subject, ()), *implied, *named)


def compose(spec: Spec, vad: tuple[float, float, float], seed: int) -> Layout:
    """A layout for a spec; valence, arousal, dominance (-1..1) move its camera, relief, framing, figures."""
    r = Dice(np.random.default_rng(seed))
    side = r.sign()
    s = SUBJECTS[spec.subject](r, Mood.of(*vad), side)
    if spec.subject not in _NO_RIDGES and r.chance(0.3):  # crossbreed: another scene's hills
        s.ridge(r(0.66, 0.88), r(0.05, 0.1), r(0.02, 0.14), r(0.03, 0.1), r(-0.8, 0.8), r(0.3, 0.7), r(3, 8))
    if not s.values["town"] and r.chance(0.12):
        THINGS[r.pick(*_AMBIENT)](s)
    for name in spec.things:
        THINGS[name](s)
    for name in spec.conditions:
        s.set(**CONDITIONS[name][2])
    if s.values["night"] and "sunny" in spec.conditions:
        s.set(night=0)
    layout = s.done()
    layout.extras = spec.extras
    return layout


def moods(spec: Spec, vad: tuple[float, float, float], seed: int) -> F32:
    """The rules' mood vector, float32 [VECTOR]: the painter's recipe for the emotion, pulled by the prompt's conditions."""
    vector = mood_for(*vad, seed=seed).vector()
    amount = 0.85 + 0.15 * float(np.random.default_rng([seed, 7]).random())
    return pull_mood(vector, spec.conditions, amount)


def sample(spec: Spec, vad: tuple[float, float, float], seed: int) -> tuple[Layout, F32]:
    """A layout and a mood vector by the rules alone, without any network."""
    return compose(spec, vad, seed), moods(spec, vad, seed)


__all__ = ["CONDITIONS", "SUBJECTS", "SUBJECT_NAMES", "THINGS", "Spec", "compose", "moods", "sample"]
