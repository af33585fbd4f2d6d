"""Several readings of every prompt, rated by the steering recogniser: what preferences are made of.

A prompt is a training sentence, a voice and an emotion; its candidates differ by their seed alone. A candidate's rating is the log
probability that `speech-steer` gives to the emotion asked for; the recogniser that scores is never asked. In English a candidate
that pocketsphinx hears with more word errors than the median of its prompt cannot be preferred.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from genstudio.emotion import EKMAN, Emotion
from genstudio.errors import InputError
from genstudio.media.rates import SAMPLE_RATE
from genstudio.protocols import Speech
from genstudio.signals.loudness import normalise
from genstudio.signals.transcripts import transcribe, word_errors

from ..frontend import Sentence, speakable, split_sentences
from .corpora import LANGUAGE, clips
from .synth import Manner

if TYPE_CHECKING:
    from ..engine import SpeechModel

STEER = "speech-steer"
LEAST = 0.25  # by how much the ratings of a pair must differ, in nats
_WORDS = (5, 9)  # of a prompt


@dataclass(frozen=True)
class Prompt:
    """What is said, by whom, and how it is meant."""

    text: str
    voice: str
    emotion: str

    @property
    def key(self) -> str:
        return f"{zlib.crc32(self.text.encode()):08x}-{self.voice}-{self.emotion}"

    @property
    def held(self) -> bool:
        """Whether its sentence (in every voice and emotion) only tells how the tuning goes: one in four."""
        return zlib.crc32(self.text.encode()) % 4 == 0

    def sentence(self) -> Sentence:
        return speakable(split_sentences(self.text, LANGUAGE[self.voice])[0], LANGUAGE[self.voice])


@dataclass(frozen=True)
class Candidates:
    """prosody: float32 [candidates, phones, 5], normalised; rating [candidates], nats; errors: word errors, -1 where unknown."""

    prosody: np.ndarray
    rating: np.ndarray
    errors: np.ndarray

    def pairs(self) -> np.ndarray:
        """int [pairs, 2], (preferred, rejected): every clear reading against all that are rated lower by LEAST or more."""
        lead = self.rating[:, None] - self.rating[None]
        clear = self.errors <= np.median(self.errors)
        return np.argwhere((lead >= LEAST) & clear[:, None])


def prompts(data: Path, voices: Sequence[str], emotions: Sequence[str], count: int, seed: int) -> list[Prompt]:
    """`count` sentences a voice, drawn from those it was trained on, in every emotion."""
    out = []
    for voice in voices:
        if voice not in ("kathleen", "kerstin"):
            raise InputError(f"'{voice}' has too few sentences of its own for prompts; valid: kathleen, kerstin")
        low, high = _WORDS
        texts = [c.text for c in clips(data, (voice,)) if not c.held and low <= len(c.text.split()) <= high]
        texts = [t for t in texts if len(split_sentences(t, LANGUAGE[voice])) == 1]
        chosen = np.random.default_rng(seed).permutation(len(texts))[:count]
        out += [Prompt(texts[i], voice, e) for i in chosen for e in emotions]
    return out


def steering() -> tuple[Callable[[Speech], Any], tuple[str, ...]]:
    """The recogniser that may steer, and the emotions it knows from spoken words."""
    from genstudio import registry

    read = registry.load(f"evaluator:{STEER}")
    return read, tuple(c for c in read.ceiling.classes if c in EKMAN and c != "surprise")


def draw(model: SpeechModel, prompt: Prompt, read: Callable[[Speech], Any], count: int) -> Candidates:
    """Speak a prompt with `count` seeds and rate each. The same prompt gives the same candidates."""
    sentence = prompt.sentence()
    felt = [Emotion.parse(prompt.emotion)] * len(sentence)
    prosody, rating, errors = [], [], []
    for k in range(count):
        own = zlib.crc32(f"{prompt.key}-{k}".encode()) % 2**31
        spoken = model._speak(sentence, prompt.voice, felt, own, Manner())
        samples = normalise(model._vocoded(spoken.features, own), SAMPLE_RATE)
        speech = Speech(samples, SAMPLE_RATE, prompt.text)
        prosody.append(spoken.prosody)
        rating.append(float(np.log(read(speech).categories.get(prompt.emotion, 0.0) + 1e-4)))
        heard = transcribe(samples, SAMPLE_RATE) if sentence.language == "en" else None
        errors.append(-1 if heard is None else word_errors(prompt.text, heard)[0])
    return Candidates(np.stack(prosody), np.array(rating), np.array(errors))


def drawn(
    model: SpeechModel, todo: Sequence[Prompt], read: Callable[[Speech], Any], count: int, folder: Path
) -> Iterator[tuple[Prompt, Candidates]]:
    """Candidates of every prompt; what lies in the folder is taken from there, so that a stopped run goes on."""
    folder.mkdir(parents=True, exist_ok=True)
    for prompt in todo:
        path = folder / f"{prompt.key}.npz"
        if path.is_file():
            with np.load(path) as stored:
                yield prompt, Candidates(stored["prosody"], stored["rating"], stored["errors"])
            continue
        found = draw(model, prompt, read, count)
        part = path.with_name(f".{path.name}")
        np.savez_compressed(part, prosody=found.prosody, rating=found.rating, errors=found.errors)
        part.replace(path)
        yield prompt, found
