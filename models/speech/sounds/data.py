"""EmoGator's bursts as training data: `pack` writes one file that holds features, not sound; `Pack` reads it.

Everything is relative to who made it: the spectrum to their mean spectrum, the pitch to their usual one, so that what remains
is the sound and not the person.
"""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from genstudio.errors import MissingDataError
from genstudio.media.files import writing
from genstudio.splits import emogator_role

from .kinds import SOUNDS, breaths_in, kind_of, level_of, shape_of, sounding, voicing

if TYPE_CHECKING:
    from ..analysis import Features

F32 = NDArray[np.float32]
WHERE = "EmoGator (Apache-2.0): put metadata.csv and audio/ in DATA/emogator"
LONGEST = 192  # frames of 10 ms
COMPONENTS = 28  # of the envelope
CHANNELS = COMPONENTS + 9  # + pitch, voiced, 7 periodicities
ABOUT = 7  # what a sound is asked for besides its kind: seconds, strength, 5 of who makes it
ANY = len(SOUNDS)  # the kind of every other burst
_PERSON_LOUD = 3.0  # nepers below a clip's loudest frame: what counts for the person's spectrum
CALM = ("neutral", "interest", "serenity", "contentment")  # bursts near the pitch that people speak at
_SHORTEST = 15  # frames
_USUAL = 180.0  # Hz, where nothing is voiced


@dataclass(frozen=True)
class Person:
    """spectrum: mean ln power of loud frames [80]; f0: usual pitch, Hz."""

    spectrum: F32
    f0: float


@dataclass(frozen=True)
class Burst:
    """A sound of one person. envelope [T, 80] minus their spectrum; pitch: octaves above their own [T]; voiced [T]; periodicity
    [T, 7]; kind: a name of `SOUNDS`, or '' for any other burst."""

    kind: str
    name: str
    person: Person
    envelope: F32
    pitch: F32
    voiced: NDArray[np.bool_]
    periodicity: F32

    @property
    def level(self) -> float:
        """Loudness of its loud frames against the person's, nepers."""
        level = level_of(self.envelope)
        return float(level[level > level.max() - _PERSON_LOUD].mean())


def spectrum_of(envelopes: list[F32]) -> F32:
    """Mean of the loud frames of several envelopes [T, 80] -> [80]."""
    loud = [e[level_of(e) > level_of(e).max() - _PERSON_LOUD] for e in envelopes]
    return np.asarray(np.concatenate(loud).mean(0), np.float32)


def rows_of(data: Path, role: str) -> dict[str, list[dict[str, str]]]:
    """EmoGator's table by person, of one half of its people ('steer': what generators may learn from; 'score')."""
    table = data / "emogator" / "metadata.csv"
    if not table.is_file():
        raise MissingDataError(f"{table} is missing. {WHERE}")
    rows = defaultdict(list)
    with table.open(newline="", encoding="utf-8") as file:
        for r in csv.DictReader(file):
            if emogator_role(r["contributor"]) == role:
                rows[r["contributor"]].append(r)
    return rows


def bursts(data: Path, role: str) -> Iterator[Burst]:
    """Every burst of one half of EmoGator's people."""
    from genstudio.media.audio import read_audio

    from ..analysis import analyse

    for who, rows in rows_of(data, role).items():
        clips = [(r["emotion"], analyse(read_audio(data / "emogator" / r["file"]))) for r in rows]
        calm = [f.f0[f.f0 > 0] for e, f in clips if e in CALM]
        heard = np.concatenate(calm) if calm else np.zeros(0)
        own = float(np.median(heard)) if len(heard) else _USUAL
        person = Person(spectrum_of([f.envelope for _, f in clips]), own)
        for emotion, f in clips:
            voiced = voicing(f.envelope, f.f0, f.periodicity, own)
            for gasp in breaths_in(f.envelope, voiced):
                yield _cut(f, voiced, gasp, person, "gasp", who)
            part = sounding(f.envelope)
            if len(f.f0[part]) >= _SHORTEST:
                kind = kind_of(emotion, shape_of(f.envelope[part], f.f0[part], voiced[part], own)) or ""
                yield _cut(f, voiced, part, person, kind, who)


def burst_of(f: Features, person: Person, kind: str, name: str) -> Burst:
    """What is heard in a recording of one sound."""
    return _cut(f, voicing(f.envelope, f.f0, f.periodicity, person.f0), sounding(f.envelope), person, kind, name)


def _cut(f: Features, voiced: NDArray[np.bool_], part: slice, person: Person, kind: str, name: str) -> Burst:
    at = slice(part.start, min(part.stop, part.start + LONGEST))
    on = voiced[at]
    octaves = np.log2(np.where(on, f.f0[at], person.f0) / person.f0)
    envelope, period = f.envelope[at] - person.spectrum, f.periodicity[at] * on[:, None]
    return Burst(kind, name, person, envelope, filled(octaves, on), on, period)


def filled(x: NDArray[np.floating], on: NDArray[np.bool_]) -> F32:
    """[T] with the frames that are not on between those that are; 0 when none is."""
    if not on.any():
        return np.zeros(len(x), np.float32)
    at = np.arange(len(x))
    return np.interp(at, at[on], x[on]).astype(np.float32)


@dataclass(frozen=True)
class Space:
    """Between features and what the network sees. mean [80], basis [28, 80], spread [28]: the envelope's principal components at
    unit spread; who_mean [80], who [4, 80]: those of people's spectra."""

    mean: F32
    basis: F32
    spread: F32
    who_mean: F32
    who: F32

    def frames(self, b: Burst) -> F32:
        """[T, CHANNELS]."""
        shape = (b.envelope - self.mean) @ self.basis.T / self.spread
        rest = [3 * b.pitch[:, None], 2 * b.voiced[:, None] - 1.0, 3 * (b.periodicity - 0.4)]
        return np.concatenate([shape, *rest], 1).astype(np.float32)

    def features(self, x: NDArray[np.floating]) -> tuple[F32, F32, F32, F32]:
        """The inverse: envelope [T, 80], pitch in octaves [T], voiced as about 0..1 [T], periodicity [T, 7]."""
        k = COMPONENTS
        envelope = (x[:, :k] * self.spread) @ self.basis + self.mean
        return (
            envelope.astype(np.float32), (x[:, k] / 3).astype(np.float32), ((x[:, k + 1] + 1) / 2).astype(np.float32),
            np.clip(x[:, k + 2 :] / 3 + 0.4, 0, 1).astype(np.float32),
        )  # fmt: skip

    def timbre(self, p: Person) -> F32:
        """[5]: four components of the spectrum, about -2..2, and the pitch in octaves from 180 Hz."""
        shape = (p.spectrum - p.spectrum.mean() - self.who_mean) @ self.who.T
        return np.r_[np.clip(shape, -2.5, 2.5), np.log2(p.f0 / _USUAL)].astype(np.float32)


def space_of(found: list[Burst]) -> Space:
    """Measured on training bursts."""
    frames = np.concatenate([b.envelope for b in found])
    mean = frames.mean(0)
    _, values, vectors = np.linalg.svd(frames - mean, full_matrices=False)
    people = {b.name: b.person.spectrum - b.person.spectrum.mean() for b in found}
    spectra = np.stack(list(people.values()))
    _, sizes, ways = np.linalg.svd(spectra - spectra.mean(0), full_matrices=False)
    who = ways[:4] / (sizes[:4, None] / np.sqrt(len(spectra)))
    arrays = (mean, vectors[:COMPONENTS], values[:COMPONENTS] / np.sqrt(len(frames)), spectra.mean(0), who)
    return Space(*(np.asarray(a, np.float32) for a in arrays))


def pack(data: Path, path: Path) -> dict[str, int]:
    """Write the training pack; returns clips a kind."""
    found = list(bursts(data, "steer"))
    space = space_of(found)
    clips = [space.frames(b) for b in found]
    kinds = np.array([SOUNDS.index(b.kind) if b.kind else ANY for b in found])
    level = np.array([b.level for b in found])
    for k in range(ANY + 1):
        level[kinds == k] = (level[kinds == k] - level[kinds == k].mean()) / level[kinds == k].std()
    people = sorted({b.name for b in found})
    with writing(path) as temporary:
        np.savez_compressed(
            temporary, frames=np.concatenate(clips).astype(np.float16), lengths=[len(c) for c in clips], kinds=kinds,
            people=[people.index(b.name) for b in found], strength=level.astype(np.float32),
            timbre=np.stack([space.timbre(b.person) for b in found]), **vars(space),
        )  # fmt: skip
    return dict(Counter(b.kind or "other" for b in found))


@dataclass(frozen=True)
class Pack:
    """clips: list of [T, CHANNELS]; kinds, people, strength (loudness within the kind, standard deviations) [n]; timbre [n, 5]."""

    clips: list[F32]
    kinds: NDArray[np.int64]
    people: NDArray[np.int64]
    strength: F32
    timbre: F32
    space: Space

    @classmethod
    def read(cls, path: Path) -> Pack:
        """From `pack`'s file."""
        with np.load(path) as f:
            clips = [c.astype(np.float32) for c in np.split(f["frames"], np.cumsum(f["lengths"])[:-1])]
            space = Space(*(f[name] for name in Space.__dataclass_fields__))
            return cls(clips, f["kinds"], f["people"], f["strength"], f["timbre"], space)
