"""The embedded voice: text and emotion to speech, 24 kHz, English and German, on a CPU."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from genstudio.arguments import number
from genstudio.emotion import Emotion, EmotionCurve
from genstudio.errors import InputError, suggest
from genstudio.media.rates import FRAME_RATE, SAMPLE_RATE
from genstudio.protocols import Span, Speech
from genstudio.signals.listen import samples_at
from genstudio.signals.loudness import normalise, scaled
from genstudio.threads import one_thread

from .frontend import Sentence, speakable, split_sentences
from .headroom import sounded
from .markup import between, insert, touch_of
from .sounds import SOUNDS
from .timing import at_place, over_phones, over_text, timed, timings

if TYPE_CHECKING:
    from genstudio.script import Mark

    from .acoustic.synth import Manner, Spoken, Synthesiser
    from .analysis import Features
    from .markup import Touch
    from .sounds.listen import VoiceSounds

WEIGHTS = Path(__file__).parent / "acoustic" / "weights" / "acoustic.safetensors"
_VOICES = (
    ("kathleen", "en", "US English, female, the default"),
    ("kerstin", "de", "German, female"),
    ("emodb03", "de", "German, male, actor"),
    ("emodb08", "de", "German, female, actor"),
    ("emodb09", "de", "German, female, actor"),
    ("emodb11", "de", "German, male, actor"),
    ("emodb14", "de", "German, female, actor"),
    ("emodb15", "de", "German, male, actor"),
)
_GAP = 0.28  # seconds of silence between sentences
_NOTHING = 1e-5  # the largest part of a shift that is none
_BEYOND = 0.5  # how much of an intensity beyond 1 is spoken: nothing was recorded there, and words are lost (acoustic/card.md)
_RANGES = {"rate": (0.5, 2.0), "pitch": (0.5, 2.0), "pause": (0.0, 4.0), "temperature": (0.0, 1.2), "guidance": (0.0, 4.0),
           "shift": (0.0, 2.0), "detail": (0.0, 1.2)}  # fmt: skip


class SpeechModel:
    """Text to emotional speech; see `genstudio.protocols.SpeechEngine`.

    >>> [v["name"] for v in SpeechModel.voices(None)][:2]
    ['kathleen', 'kerstin']
    """

    name = "embedded"

    def __init__(self, synthesiser: Synthesiser, vocoder: Callable[..., np.ndarray]) -> None:
        from genstudio.emotion.encoder import EmotionEncoder

        self._synthesiser, self._vocoder = synthesiser, vocoder
        self._encoder = EmotionEncoder.load()
        self._lock = threading.Lock()
        self.runtime = "torch"  # or 'onnx'

    @classmethod
    def load(
        cls, weights: Path | str = WEIGHTS, vocoder: str = "neural", onnx: Path | str | None = "auto"
    ) -> SpeechModel:  # fmt: skip
        """Weights from the package. vocoder: 'neural', or 'world' (pyworld) for comparison. onnx: a folder of exported graphs to
        speak with, 'auto' (the user's export, if there is one and it is faster) or None; see `export`."""
        from .acoustic.synth import Synthesiser
        from .graphs import attach, ready

        model = cls(Synthesiser(Path(weights)), _vocoder(vocoder))
        plain = Path(weights) == WEIGHTS and vocoder == "neural"
        folder = (ready() if plain else None) if onnx == "auto" else onnx
        return model if folder is None else attach(model, Path(folder))

    def voices(self) -> Sequence[Mapping[str, str]]:
        """name, language and description of every voice."""
        return [{"name": n, "language": lang, "description": text} for n, lang, text in _VOICES]

    def __call__(
        self, text: str, emotion: Emotion | EmotionCurve, *, voice: str | None = None, seed: int = 0,
        progress: Callable[[float], None] | None = None, **options: Any,
    ) -> Speech:  # fmt: skip
        """Speak. options: marks (of a `Script`), rate, pitch, pause (factors, 1), temperature (0..1.2, how varied), guidance
        (how strongly the emotion steers the prosody), shift (factor on the measured mean shifts), detail (0..1.2).

        A curve is over characters of the text when it comes from inline tags, else over seconds.
        """
        first: Speech | None = None
        pieces: list[np.ndarray] = []
        words: list[Span] = []
        phones: list[Span] = []
        at = 0.0
        for part in self._sentences(text, emotion, voice, seed, dict(options), progress):
            first = first or part
            pieces.append(part.samples)
            words += [Span(w.text, w.start + at, w.end + at) for w in part.words]
            phones += [Span(w.text, w.start + at, w.end + at) for w in part.phones]
            at += part.duration
        assert first is not None  # a text without words was refused
        audio = np.concatenate(pieces)
        pieces.clear()  # an hour is 350 MB
        return replace(
            first, samples=normalise(audio, SAMPLE_RATE), text=text, words=tuple(words), phones=tuple(phones),
            emotion=emotion if isinstance(emotion, Emotion) else emotion.mean(),
            curve=timed(emotion, text, words) if isinstance(emotion, EmotionCurve) else None,
        )  # fmt: skip

    def stream(
        self, text: str, emotion: Emotion | EmotionCurve, *, voice: str | None = None, seed: int = 0, **options: Any
    ) -> Iterator[Speech]:
        """The same, sentence by sentence as it is made; each piece is brought to the common loudness by itself."""
        for part in self._sentences(text, emotion, voice, seed, dict(options), None):
            yield replace(part, samples=normalise(part.samples, SAMPLE_RATE))

    @one_thread()
    def shifts(self, emotion: Emotion) -> dict[str, float]:
        """What an emotion does to a voice, in logs: `tempo` of the length of sounds, `pitch` of F0, `range` of the factor
        on F0's excursions. All 0 for neutral."""
        from .acoustic import normal as n

        s = self._synthesiser.shift_of(self._encoder([emotion]).pooled.numpy()[0])
        return {"tempo": float(s[n.TEMPO][:2].mean()), "pitch": float(s[n.LEVEL]), "range": float(s[n.RANGE])}

    @one_thread()
    def convert(
        self, speech: Speech, emotion: Emotion, *, seed: int = 0, strength: float = 1.0, keep_tempo: bool = False
    ) -> Speech:
        """A recording given an emotion: its speaker and words stay, F0, tempo, spectrum and breath move as actors' do.
        Where nothing is to move (neutral, strength 0), its own samples come back at the level of all speech.

        strength: 0..2, factor on the measured shifts. keep_tempo: the length of sounds stays. Timings move along.
        """
        import torch

        from .acoustic import normal as n
        from .acoustic.unsteady import shaken
        from .analysis import analyse
        from .convert import HEARD, UNSTEADY, Care, convert, kept
        from .vocoder.faithful import faithful

        strength = number("strength", strength, 0, 2)
        code = self._encoder([emotion]).pooled.numpy()[0]
        shift = self._synthesiser.shift_of(code) * strength
        if keep_tempo:
            shift[n.TEMPO] = 0.0
        info = {"engine": self.name, "strength": strength}
        if np.abs(shift).max() < _NOTHING:  # the recording itself says it best
            own = normalise(samples_at(speech, SAMPLE_RATE, least=0.0, allow_silent=True), SAMPLE_RATE)
            return replace(speech, samples=own, rate=SAMPLE_RATE, emotion=emotion, curve=None, seed=seed, info=info)
        heard = replace(speech, samples=scaled(speech.samples, speech.rate, HEARD))
        recorded = samples_at(heard, SAMPLE_RATE, least=0.0, allow_silent=True)
        features = analyse(recorded)
        made = convert(features, shift, Care.of(emotion, strength))
        unsteady = np.tile(UNSTEADY * strength * self._synthesiser.unsteadiness(code), (len(made.features), 1))
        made = replace(made, features=shaken(made.features, unsteady, torch.Generator().manual_seed(seed)))
        samples = sounded(self._vocoder, made.features, seed)
        samples = faithful(samples, made.features.f0, kept(recorded, features, made))

        def moved(spans: tuple[Span, ...]) -> tuple[Span, ...]:
            old = np.arange(len(made.times)) / FRAME_RATE
            new = made.times / FRAME_RATE
            return tuple(
                Span(s.text, float(np.interp(s.start, old, new)), float(np.interp(s.end, old, new))) for s in spans
            )

        return replace(
            speech, samples=normalise(samples, SAMPLE_RATE), rate=SAMPLE_RATE, emotion=emotion, curve=None,
            words=moved(speech.words), phones=moved(speech.phones), seed=seed, info=info,
        )  # fmt: skip

    # one sentence after another

    def _sentences(
        self, text: str, emotion: Emotion | EmotionCurve, voice: str | None, seed: int, options: dict[str, Any],
        progress: Callable[[float], None] | None,
    ) -> Iterator[Speech]:  # fmt: skip
        name, language = _voice(voice)
        marks: Sequence[Mark] = options.pop("marks", ())
        manner = _manner(options)
        if any(m.kind == "sound" for m in marks) and not any(c.isalnum() for c in text):
            yield self._wordless(marks, emotion, name, language, seed, manner)
            if progress:
                progress(1.0)
            return
        groups = split_sentences(text, language)
        by_text = isinstance(emotion, EmotionCurve) and over_text(emotion)
        elapsed = 0.0
        for i, tokens in enumerate(groups):
            sentence = speakable(tokens, language)
            own = (seed * 1_000_003 + i * 7919) % (2**31)
            if isinstance(emotion, Emotion):
                felt = [emotion] * len(sentence)
            elif by_text:
                felt = over_phones(emotion, sentence)
            else:
                felt = self._over_time(emotion, sentence, name, own, manner, elapsed)
            spoken = self._speak(sentence, name, felt, own, manner, touch_of(sentence, marks) if marks else None)
            samples = self._vocoded(spoken.features, own)
            words, phones = timings(sentence, spoken.durations)
            last = groups[i + 1][0].start if i + 1 < len(groups) else len(text) + 2
            places = between(sentence, marks, tokens[0].start if i else 0, last)
            if places:
                sound = partial(self._between, emotion=emotion, voice=name, seed=own, start=elapsed)
                samples, words, phones = insert(samples, words, phones, places, sound, manner.pause)
            if i + 1 < len(groups):
                samples = np.concatenate([samples, np.zeros(int(_GAP * manner.pause * SAMPLE_RATE), np.float32)])
            elapsed += len(samples) / SAMPLE_RATE
            if progress:
                progress((i + 1) / len(groups))
            yield Speech(
                samples, SAMPLE_RATE, text, language, name, felt[0], None, words, phones, seed,
                self._info() | options,
            )  # fmt: skip

    def _info(self) -> dict[str, Any]:
        return {"engine": self.name} | ({} if self.runtime == "torch" else {"runtime": self.runtime})

    @one_thread()
    def _speak(
        self, sentence: Sentence, voice: str, felt: list[Emotion], seed: int, manner: Manner, touch: Touch | None = None
    ) -> Spoken:  # fmt: skip
        unique = list({id(e): e for e in felt}.values())
        with self._lock:
            codes = self._encoder([_within_reach(e) for e in unique]).pooled.numpy()
            at = {id(e): k for k, e in enumerate(unique)}
            pooled = codes[[at[id(e)] for e in felt]]
            return self._synthesiser(sentence, voice, pooled, seed, manner, touch)

    def sounds(self) -> tuple[str, ...]:
        """Names that may stand in the text in brackets."""
        return SOUNDS

    def _wordless(
        self, marks: Sequence[Mark], emotion: Emotion | EmotionCurve, voice: str, language: str, seed: int, manner: Manner
    ) -> Speech:  # fmt: skip
        """Sounds and pauses without any words."""
        sound = partial(self._between, emotion=emotion, voice=voice, seed=seed, start=0.0)
        places = [(0, m) for m in marks if m.kind != "prosody"]
        samples, words, _ = insert(np.zeros(0, np.float32), (), (), places, sound, manner.pause)
        felt = emotion if isinstance(emotion, Emotion) else emotion.at(0.0)
        return Speech(samples, SAMPLE_RATE, "", language, voice, felt, None, words, (), seed, self._info())

    @one_thread()
    def _between(
        self, mark: Mark, number: int, at: float, *, emotion: Emotion | EmotionCurve, voice: str, seed: int, start: float
    ) -> np.ndarray:  # fmt: skip
        """A sound by the voice that speaks, float32 [samples], as strong as the emotion at its place."""
        felt = at_place(emotion, mark.start, start + at)
        return self._vocoded(self._sounds(mark.name, *_voice(voice), felt, seed + 31 * number), seed)

    @cached_property
    def _sounds(self) -> VoiceSounds:
        from .sounds.listen import VoiceSounds

        def speak(text: str, voice: str, language: str) -> Features:
            sentence = speakable(split_sentences(text, language)[0], language)
            return self._speak(sentence, voice, [Emotion.neutral()] * len(sentence), 0, _manner({})).features

        return VoiceSounds(speak)

    @one_thread()
    def _vocoded(self, features: Features, seed: int) -> np.ndarray:
        samples = sounded(self._vocoder, features, seed)
        fade = np.linspace(0, 1, 120, dtype=np.float32)
        samples[:120] *= fade
        samples[-120:] *= fade[::-1]
        return samples

    def _over_time(
        self, curve: EmotionCurve, sentence: Sentence, voice: str, seed: int, manner: Manner, start: float
    ) -> list[Emotion]:
        """The emotion of every phone of a curve over seconds: phones are timed once with a first guess, then looked up."""
        felt = [curve.at(start)] * len(sentence)
        for _ in range(2):
            durations = self._speak(sentence, voice, felt, seed, manner).durations
            middle = (np.cumsum(durations) - durations / 2) / FRAME_RATE + start
            felt = curve.sample([float(t) for t in middle])
        return felt


def _within_reach(emotion: Emotion) -> Emotion:
    """An emotion beyond intensity 1 brought nearer to it: 1.5 is spoken as 1.25."""
    over = emotion.intensity - 1.0
    if over <= 0:
        return emotion
    meant = 1 + _BEYOND * over
    v, a, d = (x * meant / emotion.intensity for x in emotion.vad)
    return replace(emotion, valence=v, arousal=a, dominance=d, intensity=meant)  # the categories stay


def _vocoder(kind: str) -> Callable[..., np.ndarray]:
    if kind == "world":
        from .acoustic.world import synthesise

        return lambda features, seed=0: synthesise(features)
    from .vocoder import Vocoder

    return Vocoder.load()


def _voice(name: str | None) -> tuple[str, str]:
    """Name and language of a voice; None is the default, a language code the first voice of that language."""
    wanted = (name or _VOICES[0][0]).lower()
    for voice, language, _ in _VOICES:
        if wanted in (voice, language):
            return voice, language
    names = [v[0] for v in _VOICES]
    raise InputError(f"unknown voice '{name}'; valid: {', '.join(names)}" + suggest(wanted, names))


def _manner(options: Mapping[str, Any]) -> Manner:
    from .acoustic.synth import Manner

    numbers: dict[str, Any] = {}
    for key, value in options.items():
        if key not in _RANGES:
            raise InputError(
                f"unknown option '{key}' of the embedded voice; valid: {', '.join(_RANGES)}"
                + suggest(key, list(_RANGES))
            )
        low, high = _RANGES[key]
        numbers[key] = number(key, value, low, high)
    return Manner(**numbers)
