"""coqui-tts: VITS, YourTTS and XTTS of its own classes, tiny and random, by the user's path. Runs where the extra is installed."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from genstudio import Emotion, Studio
from genstudio.cli import run
from genstudio.errors import InputError, MissingWeightsError

from . import coqui
from .voices import labelled, spoken_clip

pytestmark = pytest.mark.coqui
NEUTRAL = Emotion.neutral()
ANGER, GLAD, SAD = (Emotion.parse(x) for x in ("anger", "joy", "sadness"))
TEXT = "Hello there. You?"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A family's engine, built and loaded once."""
    from genstudio.models.adapters.voices.coqui_voice import CoquiVoice

    root, kept = tmp_path_factory.mktemp("coqui"), {}

    def load(name: str) -> CoquiVoice:
        if name not in kept:
            kept[name] = CoquiVoice.load(str(getattr(coqui, name)(root / name)), allow_pickle=True)
        return kept[name]

    return load


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    return spoken_clip(tmp_path_factory.mktemp("clip") / "clip.wav")


@pytest.mark.parametrize("family", ["vits", "yourtts", "xtts"])
def test_it_speaks_and_is_itself_without_emotion(family, made, clip) -> None:
    engine = made(family)
    more = {"reference": str(clip)} if engine.clones else {}
    torch.manual_seed(99)
    before = torch.random.get_rng_state()
    plain = engine(TEXT, ANGER, seed=3, lever="none", **more)
    for lever in [None, *engine.levers(bool(more))]:
        if lever == "directions":
            continue  # below
        still = engine(TEXT, NEUTRAL, seed=3, lever=lever, **more)
        zero = engine(TEXT, ANGER, seed=3, lever=lever, strength=0, **more)
        assert np.array_equal(still.samples, plain.samples) and np.array_equal(zero.samples, plain.samples)
    assert torch.equal(before, torch.random.get_rng_state())
    assert plain.rate == engine.rate and plain.duration > 0.5
    assert not np.array_equal(plain.samples, engine(TEXT, ANGER, seed=4, lever="none", **more).samples)


def test_a_pickle_is_refused_and_safetensors_say_the_same(made, tmp_path, capsys) -> None:
    engine = made("vits")
    folder = engine.spec
    assert run(["speak", TEXT, "--engine", f"coqui:{folder}", "-o", str(tmp_path / "a.wav")]) == 2
    assert "--allow-pickle" in capsys.readouterr().err
    words = [
        "speak",
        TEXT,
        "--engine",
        f"coqui:{folder}",
        "--allow-pickle",
        "--seed",
        "1",
        "--no-card",
        "-e",
        "sadness",
    ]
    assert run([*words, "-o", str(tmp_path / "a.wav")]) == 0
    content = json.loads((tmp_path / "a.wav.json").read_text())
    assert content["engine"] == f"speech:coqui:{folder}"
    safe = coqui.vits(tmp_path / "safe", safe=True)
    take = Studio(speech=f"coqui:{safe}", score=False).speak(TEXT, "sadness", seed=1)
    assert np.array_equal(take.output.samples, engine(TEXT, SAD, seed=1).samples)
    assert take.output.info["lever"] == "settings+after"


def test_vits_speaks_longer_when_sad(made) -> None:
    engine = made("vits")
    length = engine.model.length_scale
    plain, sad = (engine(TEXT, SAD, seed=1, lever=x) for x in ("none", "settings"))
    assert sad.duration > 1.02 * plain.duration and engine.model.length_scale == length


def test_yourtts_has_speakers_and_languages(made) -> None:
    engine = made("yourtts")
    assert [v["name"] for v in engine.voices()] == ["default", "ana", "bob"] and engine.languages == ("en", "pt-br")
    ana, bob = (engine(TEXT, NEUTRAL, seed=1, voice=v) for v in ("ana", "bob"))
    assert ana.samples.shape != bob.samples.shape or not np.array_equal(ana.samples, bob.samples)
    other = engine(TEXT, NEUTRAL, seed=1, voice="ana", language="pt-br")
    assert ana.samples.shape != other.samples.shape or not np.array_equal(ana.samples, other.samples)
    with pytest.raises(InputError, match=r"did you mean 'bob'"):
        engine(TEXT, NEUTRAL, voice="bop")
    with pytest.raises(InputError, match=r"does not speak 'fr'"):
        engine(TEXT, NEUTRAL, language="fr")


@pytest.mark.parametrize("family", ["yourtts", "xtts"])
def test_directions_among_latents_are_fitted_kept_and_followed(family, made, clip, tmp_path) -> None:
    engine = made(family)
    say = {"reference": str(clip), "seed": 2}
    with pytest.raises(InputError, match="labelled clips"):
        engine(TEXT, GLAD, lever="directions", **say)
    data = labelled(tmp_path / "clips")
    found = engine.fit(data, reference=str(clip), sentences=("A word of mine.",))
    assert found["cached"] is False and set(found["measured"]) >= {"none", "reference", "after", "directions"}
    assert engine.default_lever(True) == found["lever"]
    names = {"d_vector"} if family == "yourtts" else {"gpt_cond_latent", "speaker_embedding"}
    assert names <= set(found) and all(found[n]["items"] == 15 for n in names)
    plain, zero, one = (engine(TEXT, GLAD, lever="directions", strength=x, **say) for x in (0, 0, 1))
    assert np.array_equal(plain.samples, zero.samples)
    assert plain.samples.shape != one.samples.shape or not np.array_equal(plain.samples, one.samples)
    # strength moves the latents, and by ever more along valence
    from genstudio.models.adapters.voices.clips import reference_of

    who = engine.space.of(reference_of(clip), None)
    first = next(iter(engine.found))
    places = []
    for strength in (0.0, 0.5, 1.0):
        offsets = {k: d.offset(GLAD, strength) for k, d in engine.found.items()}
        moved = engine.space.moved(who, offsets)
        step = moved - who if family == "yourtts" else (moved[first] - who[first]).numpy()
        places.append(float(engine.found[first].place(np.asarray(step).reshape(-1))[0]))
    assert places == sorted(places) and places[0] == 0 < places[2]
    assert engine.fit(data, reference=str(clip), sentences=("A word of mine.",))["cached"] is True


def test_latents_planted_in_xtts_come_back(made) -> None:
    from genstudio.models.adapters.voices.latents import Clip, fit

    engine = made("xtts")
    rng = np.random.default_rng(0)
    size = 32 * 32  # tokens of the perceiver, width
    axes = np.linalg.qr(rng.normal(size=(size, 3)))[0].T
    clips = []
    for speaker in range(4):
        own = rng.normal(size=size)
        for name in ("neutral", "anger", "joy", "fear", "sadness", "disgust"):
            for _ in range(3):
                emotion = Emotion.parse(name)
                x = own + 5 * np.asarray(emotion.vad) @ axes + 0.02 * rng.normal(size=size)
                clips.append(Clip(str(speaker), emotion, {"gpt_cond_latent": x, "speaker_embedding": np.ones(512)}))
    found = fit(clips)
    for mine, planted in zip(found["gpt_cond_latent"].weight, axes, strict=True):
        assert mine @ planted / np.linalg.norm(mine) > 0.95
    latent, speaker = torch.zeros(1, 32, 32), torch.ones(1, 512, 1)
    offsets = {k: d.offset(GLAD) for k, d in found.items()}
    moved = engine.space.moved({"gpt_cond_latent": latent, "speaker_embedding": speaker}, offsets)
    step = moved["gpt_cond_latent"].numpy().reshape(-1)
    assert axes @ step == pytest.approx(5 * np.asarray(GLAD.vad), abs=0.4)
    assert torch.equal(moved["speaker_embedding"], speaker)  # nothing was planted there


def test_bad_input_is_one_line(made, clip, tmp_path) -> None:
    from genstudio.models.adapters.voices.coqui_voice import CoquiVoice

    vits, xtts = made("vits"), made("xtts")
    with pytest.raises(InputError, match="clones no voice"):
        vits(TEXT, GLAD, reference=str(clip))
    with pytest.raises(InputError, match="speaks in the voice of a clip"):
        xtts(TEXT, GLAD)
    with pytest.raises(InputError, match="takes no 'speed'"):
        vits(TEXT, GLAD, speed=2)
    with pytest.raises(InputError, match="alphabet"):
        vits("日本", NEUTRAL)
    (tmp_path / "config.json").write_text('{"model": "tacotron"}')
    (tmp_path / "model.pth").write_bytes(b"0" * 64)
    with pytest.raises(InputError, match="coqui's 'tacotron'"):
        CoquiVoice.load(str(tmp_path), allow_pickle=True)
    (tmp_path / "config.json").write_text((coqui.vits(tmp_path / "v") / "config.json").read_text())
    with pytest.raises(InputError, match="a checkpoint that is damaged, or none at all"):
        CoquiVoice.load(str(tmp_path), allow_pickle=True)
    with pytest.raises(MissingWeightsError, match="other weights"):
        CoquiVoice.load(vits.spec, allow_pickle=True, sha256="0" * 64)
