"""Sounds between the words: which bursts count as one, the flow that makes them, and their place in speech."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch

pytest.importorskip("gruut")

from genstudio import Studio
from genstudio.cli import run
from genstudio.emotion import Emotion
from genstudio.errors import EmotionError, InputError, TextError
from genstudio.models.speech.acoustic.synth import Synthesiser
from genstudio.models.speech.engine import SpeechModel
from genstudio.models.speech.sounds import SOUNDS
from genstudio.models.speech.sounds import kinds as k
from genstudio.models.speech.sounds.data import ANY, COMPONENTS, Burst, Pack, Person, space_of
from genstudio.models.speech.sounds.maker import WEIGHTS, SoundMaker, strength_of
from genstudio.models.speech.sounds.train import Recipe, Trainer
from genstudio.script import Mark, parse_script
from genstudio.signals.loudness import loudness

from .test_acoustic import tiny_weights
from .test_engine import tone

shipped = pytest.mark.skipif(not WEIGHTS.exists(), reason="the shipped weights are absent")
HER = Person(np.linspace(-4, -9, 80).astype(np.float32), 190.0)


def envelope_with(level: np.ndarray, bright: bool = False) -> np.ndarray:
    slope = np.linspace(-2, 1, 80) if bright else np.linspace(1, -4, 80)
    return level[:, None] + slope


def train_of(count: int, length: int = 100) -> tuple[np.ndarray, np.ndarray]:
    """(ln level, voiced) of a train of bursts."""
    wave = np.cos(2 * np.pi * count * (np.arange(length) + 0.5) / length + np.pi)
    return 2.5 * wave, wave > 0.3


def test_shape_decides_what_a_burst_is() -> None:
    def kind(emotion: str, level: np.ndarray, voiced: np.ndarray) -> str | None:
        f0 = np.where(voiced, 200.0, 0.0)
        return k.kind_of(emotion, k.shape_of(envelope_with(level), f0, voiced, 200.0))

    assert kind("amusement", *train_of(5)) == "laugh"
    assert kind("sadness", *train_of(3, 150)) == "sob"
    steady = np.zeros(90)
    assert kind("pain", steady, np.ones(90, bool)) == "groan"
    assert kind("relief", np.linspace(0, -4, 90), np.arange(90) < 30) == "sigh"
    assert kind("amusement", steady, np.ones(90, bool)) is None and kind("anger", *train_of(5)) is None


def test_breath_is_no_voice_and_a_breath_in_is_a_gasp() -> None:
    level = np.r_[np.full(20, -12.0), np.linspace(-2, 0, 30), np.full(6, -12.0), np.full(40, 1.0), np.full(20, -12.0)]
    noisy = np.arange(len(level)) < 56
    envelope = np.where(noisy[:, None], envelope_with(level, True), envelope_with(level))
    f0 = np.where(noisy, 480.0, 200.0)  # the tracker follows a formant of the breath
    period = np.repeat(np.where(noisy, 0.3, 0.9)[:, None], 7, 1)
    voiced = k.voicing(envelope, f0, period, 190.0)
    assert not voiced[:54].any() and voiced[60:90].all()
    (gasp,) = k.breaths_in(envelope, voiced)
    assert 15 <= gasp.start <= 20 and 48 <= gasp.stop <= 54
    assert not k.breaths_in(np.where(noisy[:, None], envelope_with(level[::-1], True), envelope), np.ones_like(voiced))


def some_bursts(count: int = 40) -> list[Burst]:
    rng = np.random.default_rng(0)
    people = [Person(rng.normal(-6, 1, 80).astype(np.float32), 150.0 + 10 * i) for i in range(8)]
    out = []
    for i in range(count):
        n = int(rng.integers(20, 60))
        level, voiced = train_of(3, n)
        envelope = (level[:, None] + rng.normal(0, 1, (n, 80))).astype(np.float32)
        period = np.where(voiced[:, None], 0.7, 0).repeat(7, 1).astype(np.float32)
        kind = (*SOUNDS, "")[i % 6]
        pitch = rng.normal(0, 0.3, n).astype(np.float32)
        out.append(Burst(kind, f"p{i % 8}", people[i % 8], envelope, pitch, voiced, period))
    return out


@pytest.fixture(scope="module")
def small_pack() -> Pack:
    found = some_bursts()
    space = space_of(found)
    names = sorted({b.name for b in found})
    kinds = np.array([SOUNDS.index(b.kind) if b.kind else ANY for b in found])
    timbre = np.stack([space.timbre(b.person) for b in found])
    level = np.array([b.level for b in found], np.float32)
    return Pack(
        [space.frames(b) for b in found], kinds, np.array([names.index(b.name) for b in found]), level, timbre, space
    )


def test_frames_and_back() -> None:
    found = some_bursts()
    space, b = space_of(found), found[0]
    envelope, octaves, voiced, period = space.features(space.frames(b))
    assert np.allclose(octaves, b.pitch, atol=1e-5) and np.array_equal(voiced > 0.5, b.voiced)
    assert np.allclose(period, b.periodicity, atol=1e-5)
    left = np.sqrt(np.mean((envelope - b.envelope) ** 2))
    assert left < 0.9 * b.envelope.std()  # noise keeps 28 of 80 components
    assert space.who.shape == (4, 80) and space.basis.shape == (COMPONENTS, 80)


def test_training_resumes_as_if_uninterrupted_and_loads(tmp_path: Path, small_pack: Pack) -> None:
    def run_to(folder: Path, *stops: int) -> torch.Tensor:
        for stop in stops:
            trainer = Trainer(small_pack, folder, Recipe(6, 4, 1), "cpu")
            trainer.resume()
            while trainer.run.step < stop:
                trainer.step()
            trainer.checkpoint()
        return torch.cat([p.detach().flatten() for p in trainer.net.parameters()])

    torch.set_num_threads(1)
    whole, parts = run_to(tmp_path / "a", 4), run_to(tmp_path / "b", 2, 4)
    assert torch.equal(whole, parts)
    last = Trainer(small_pack, tmp_path / "b", Recipe(6, 4, 1), "cpu")
    last.resume()
    rows = list(last(1.0))
    assert rows[-1][0] == 6 and np.isfinite(rows[-1][1:3]).all()
    made = SoundMaker.load(tmp_path / "b" / "sounds.safetensors")("sigh", HER, seed=1)
    assert np.isfinite(made.envelope).all() and 18 <= len(made) <= 192


@pytest.fixture(scope="module")
def maker() -> SoundMaker:
    return SoundMaker.load()


@shipped
@pytest.mark.parametrize("name", SOUNDS)
def test_a_seed_repeats_and_another_differs(maker: SoundMaker, name: str) -> None:
    a, b, c = (maker(name, HER, 0.5, s).as_array() for s in (1, 1, 2))
    assert np.array_equal(a, b) and (len(a) != len(c) or not np.allclose(a, c))
    assert np.isfinite(a).all() and 0.18 <= len(a) / 100 <= 1.92


@shipped
@pytest.mark.parametrize("name", ["gasp", "groan"])
def test_one_voice_has_many_of_a_kind(maker: SoundMaker, name: str) -> None:
    """Seeds differ in length, level and brightness, about as clips of one person do (0.08 or 0.2 s, 1.9 nepers of tilt)."""
    made = [maker(name, HER, 0.5, s) for s in range(12)]
    level = [k.level_of(m.envelope).max() for m in made]
    tilt = [m.envelope[:, 40:].mean() - m.envelope[:, :40].mean() for m in made]
    assert np.std([len(m) for m in made]) > 4 and np.std(level) > 0.4 and np.std(tilt) > 0.8


@shipped
def test_sounds_are_unlike_each_other_and_follow_the_voice(maker: SoundMaker) -> None:
    def voiced(name: str) -> float:
        return float(np.mean([maker(name, HER, 0, s).voicing.mean() for s in range(3)]))

    assert voiced("groan") > 0.7 > 0.35 > voiced("gasp")
    deep = Person(HER.spectrum, 100.0)
    low, high = (maker("groan", p, 0, 3) for p in (deep, HER))
    assert np.median(high.f0[high.voiced]) > 1.4 * np.median(low.f0[low.voiced])
    faint, strong = (np.mean([k.level_of(maker("laugh", HER, x, s).envelope).max() for s in range(3)]) for x in (-2, 2))
    assert strong > faint + 0.5


@shipped
def test_unknown_sounds_are_told(maker: SoundMaker) -> None:
    with pytest.raises(InputError, match=r"laugh, sigh, gasp, sob, groan.*did you mean 'laugh'"):
        maker("laugt", HER)


def test_more_feeling_makes_it_stronger() -> None:
    for felt in ("joy", "sadness", "fear"):
        levels = [strength_of(Emotion.parse(felt).scaled(x)) for x in (0, 0.5, 1.0, 1.5)]
        assert levels == sorted(levels) and levels[0] < levels[-1]


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> SpeechModel:
    return SpeechModel(Synthesiser(tiny_weights(tmp_path_factory.mktemp("w") / "acoustic.safetensors")), tone)


def spoken(engine: SpeechModel, text: str, felt: str = "joy", **options):  # type: ignore[no-untyped-def]
    script = parse_script(text, Emotion.parse(felt), engine.sounds())
    return engine(script.plain, script.curve or Emotion.parse(felt), marks=script.marks, **options)


@shipped
def test_a_sound_is_timed_like_a_word(engine: SpeechModel) -> None:
    plain, laughed = (
        spoken(engine, "I was sure. Then it fell!"),
        spoken(engine, "I was [laugh] sure. Then it fell! [sigh]"),
    )
    assert [w.text for w in laughed.words] == ["I", "was", "[laugh]", "sure", "Then", "it", "fell", "[sigh]"]
    ends = [(w.start, w.end) for w in laughed.words]
    assert all(a[1] <= b[0] + 1e-6 for a, b in pairwise(ends)) and ends[-1][1] <= laughed.duration
    without = [w for w in laughed.words if w.text[0] != "["]
    shifts = [b.start - a.start for a, b in zip(plain.words, without, strict=True)]
    assert shifts[:2] == pytest.approx([0, 0], abs=1e-6) and np.ptp(shifts[2:]) < 0.02 and shifts[2] > 0.3
    phones = [p.start for p in laughed.phones]
    assert phones == sorted(phones)
    pieces = list(engine.stream("I was sure.", Emotion.neutral(), marks=(Mark("sound", 12, 12, name="gasp"),)))
    assert pieces[0].words[-1].text == "[gasp]"


@shipped
def test_text_of_sounds_alone(engine: SpeechModel) -> None:
    for text in ("[laugh]", "[gasp]!", '[sob] <break time="0.4s"/> [sigh]', "[joy] [laugh]"):
        speech = spoken(engine, text)
        assert 0.2 < speech.duration < 6 and speech.words[0].text.startswith("[")
        assert len(speech.samples) > 0.9 * speech.words[-1].end * speech.rate
    with pytest.raises(TextError):
        engine("", Emotion.neutral())


@shipped
def test_the_emotion_at_its_place_makes_it_strong(engine: SpeechModel) -> None:
    def level(text: str) -> float:
        at = next(p for p in parse_script(text, Emotion.neutral(), SOUNDS).marks if p.kind == "sound")
        curve = parse_script(text, Emotion.neutral(), SOUNDS).curve or Emotion.neutral()
        made = [engine._between(at, 0, 0.0, emotion=curve, voice="kathleen", seed=s, start=0.0) for s in range(3)]
        return float(np.mean([np.sqrt(np.mean(m**2)) for m in made]))

    assert level("One. [joy] Two [laugh] three.") > 1.1 * level("[joy] One. [neutral] Two [laugh] three.")


@shipped
def test_every_voice_has_sounds(engine: SpeechModel) -> None:
    for i, voice in enumerate(engine.voices()):
        speech = spoken(engine, f"[{('laugh', 'sob', 'groan')[i % 3]}]", voice=voice["name"])
        assert speech.voice == voice["name"] and np.abs(speech.samples).max() > 0.05


def test_an_unknown_tag_names_what_exists() -> None:
    with pytest.raises(EmotionError, match="sounds: laugh, sigh, gasp, sob, groan") as error:
        Studio(score=False).speak("Well, [cough] yes.", "neutral")
    assert "\n" not in str(error.value)


@shipped
def test_with_the_shipped_voice(tmp_path: Path) -> None:
    studio = Studio(score=False)
    speech = studio.speak("That is [laugh] funny.", "joy", seed=1).output
    assert loudness(speech.samples, speech.rate) == pytest.approx(-20, abs=2) and np.abs(speech.samples).max() < 1
    (laugh,) = (w for w in speech.words if w.text == "[laugh]")
    step = np.abs(np.diff(speech.samples))
    for t in (laugh.start, laugh.end):  # no click where it is put in
        at = int(t * speech.rate)
        assert step[at - 120 : at + 120].max() < 0.5 * step.max()
    alone = studio.speak("[laugh]", "auto", seed=1).output  # the emotion is read from the sound's name
    assert [w.text for w in alone.words] == ["[laugh]"] and alone.emotion is not None and alone.emotion.valence > 0


def test_the_command_names_the_sounds(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["speak", "--help"]) == 0
    shown = capsys.readouterr().out
    assert all(f"[{name}]" in shown for name in SOUNDS)
