"""Pretrained voices: eight real transformers families, tiny and random, through the way a user takes; and the two levers."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from genstudio import Emotion, Studio, registry
from genstudio.cli import run
from genstudio.errors import InputError, MediaError, MissingWeightsError
from genstudio.models.adapters.voices.clips import emotional
from genstudio.models.adapters.voices.cloning import chat
from genstudio.models.adapters.voices.transformers_voice import TransformersVoice
from genstudio.protocols import Speech

from .voices import VOICES

ANGER, NEUTRAL = Emotion.parse("anger"), Emotion.neutral()


FAMILIES = [pytest.param(v, marks=[pytest.mark.coqui] if v == "higgs" else []) for v in VOICES]
CLONING = [f for f in FAMILIES if f.values[0] in ("dia", "csm", "pocket", "vibevoice", "higgs")]


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_speaks_and_is_itself_without_emotion(family, made) -> None:
    engine, options = made(family)
    plain = engine.plain("hello there", 3, options=dict(options))
    torch.manual_seed(99)
    before = torch.random.get_rng_state()
    still = engine("hello there", NEUTRAL, seed=3, **options)
    zero = engine("hello there", ANGER, seed=3, strength=0, **options)
    assert torch.equal(before, torch.random.get_rng_state())  # others' random numbers are left alone
    assert np.array_equal(still.samples, plain.samples) and np.array_equal(zero.samples, plain.samples)
    assert (
        still.rate == engine.rate
        and len(still.samples) > 0
        and still.info["lever"] == ("settings+after" if family == "vits" else "after")
    )


@pytest.mark.parametrize("family", CLONING)
def test_cloning_voices_hear_the_emotional_reference(family, made, spoken, monkeypatch) -> None:
    from genstudio.evaluators.explain import voice

    engine, options = made(family)
    heard: list[Speech] = []
    real = TransformersVoice.plain

    def spy(self, text, seed, given=None, *more):
        heard.append(given)
        return real(self, text, seed, given, *more)

    monkeypatch.setattr(TransformersVoice, "plain", spy)
    ask = {"seed": 3, "reference": spoken, **options}
    plain = engine("hello there", ANGER, lever="none", **ask)
    moved = engine("hello there", ANGER, **ask)
    still = engine("hello there", ANGER, strength=0, **ask)
    assert engine.clones and moved.info["lever"] == "reference"
    assert moved.info["reference"]["speaker_similarity"] > 0.3
    pitch = [voice.measured(h)["pitch"] for h in heard]
    assert pitch[1] > 1.2 * pitch[0] and pitch[2] == pitch[0]
    assert np.array_equal(still.samples, plain.samples)
    if family not in ("csm", "higgs"):  # random and greedy, they say the same to any clip
        assert plain.samples.shape != moved.samples.shape or not np.array_equal(plain.samples, moved.samples)


def test_the_reference_is_moved_and_stays_its_speaker(spoken) -> None:
    from genstudio.evaluators.explain import voice

    speech = spoken
    pitch = voice.measured(speech)["pitch"]
    half, about = emotional(speech, ANGER, 0.5, 1)
    full, more = emotional(speech, ANGER, 1.0, 1)
    assert pitch < voice.measured(half)["pitch"] < voice.measured(full)["pitch"]
    assert about["same_speaker"] and more["same_speaker"]
    same, nothing = emotional(speech, ANGER, 0.0, 1)
    assert same is speech and nothing == {"strength": 0.0}


def test_prosody_is_laid_on_what_a_voice_said() -> None:
    from genstudio.evaluators.explain import voice

    said = registry.load("speech:embedded")("The train leaves at nine.", NEUTRAL, seed=1)
    made, _ = emotional(said, Emotion.parse("joy"), 1.0, 1)
    assert voice.measured(made)["pitch"] > 1.2 * voice.measured(said)["pitch"]


def test_conversations_are_laid_out_as_each_model_wants() -> None:
    sound = np.zeros(4, np.float32)
    assert [m["role"] for m in chat("csm", "b", sound, "a")] == ["0", "0"]
    assert [m["role"] for m in chat("higgs_audio_v2", "b", sound, "a")] == [
        "system",
        "scene",
        "user",
        "assistant",
        "user",
    ]
    assert [c["type"] for m in chat("vibevoice", "b", sound, "a") for c in m["content"]] == ["text", "audio"]
    (only,) = chat("pocket_tts", "b", sound, "a")
    assert [c["type"] for c in only["content"]] == ["audio", "text"]
    assert len(chat("csm", "b")) == 1


def test_the_studio_and_the_command_use_them(made, tmp_path, capsys) -> None:
    engine, _ = made("vits")
    spec = f"transformers:{engine.spec}"
    take = Studio(speech=spec, score=False).speak("hello there my friend", seed=1)
    take.save(tmp_path / "a.wav")
    content = json.loads((tmp_path / "a.wav.json").read_text())
    assert content["engine"] == f"speech:{spec}" and len(next(iter(content["weights"].values()))) == 64
    words = ["speak", "hello there my friend", "--engine", spec, "--seed", "1", "--no-card"]
    assert run([*words, "-o", str(tmp_path / "b.wav")]) == 0
    capsys.readouterr()
    assert run([*words, "--voice", "alice", "-o", str(tmp_path / "c.wav")]) == 2
    assert "one voice, 'default'" in capsys.readouterr().err


def test_bad_input_is_one_line(made, clip, tmp_path) -> None:
    vits, _ = made("vits")
    csm, _ = made("csm")
    with pytest.raises(InputError, match="clones no voice"):
        vits("hello", ANGER, reference=str(clip))
    with pytest.raises(InputError, match="unknown lever 'magic'"):
        vits("hello", ANGER, lever="magic")
    with pytest.raises(InputError, match="needs a clip to clone"):
        vits("hello", ANGER, lever="reference")
    with pytest.raises(InputError, match="from 0 to 2"):
        vits("hello", ANGER, strength=3)
    with pytest.raises(MediaError, match="there is no file"):
        csm("hello", ANGER, reference=str(tmp_path / "none.wav"))
    with pytest.raises(MissingWeightsError, match="other weights"):
        TransformersVoice.load(vits.spec, sha256="0" * 64)
    with pytest.raises(InputError, match="unknown precision"):
        TransformersVoice.load(vits.spec, dtype="int4")


def test_a_model_that_makes_no_speech_is_refused(tmp_path) -> None:
    from transformers import BertConfig, BertModel

    BertModel(
        BertConfig(hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=8, vocab_size=30)
    ).save_pretrained(tmp_path / "b")
    with pytest.raises(InputError, match="makes no speech"):
        TransformersVoice.load(str(tmp_path / "b"))
