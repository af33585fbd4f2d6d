"""Levers inside a voice: settings, hidden states, speaker embeddings; planted directions come back; the measured best is chosen."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from genstudio import Emotion, Studio, catalogue, hub
from genstudio.cli import run
from genstudio.emotion.norms import words
from genstudio.errors import InputError, MissingExtraError
from genstudio.models.adapters.voices import chosen, hidden, latents, settings
from genstudio.models.adapters.voices.speaker_space import turned
from genstudio.models.adapters.voices.transformers_voice import TransformersVoice

from .voices import labelled, xvector

NEUTRAL = Emotion.neutral()
GLAD, SAD, ANGER = (Emotion.parse(x) for x in ("joy", "sadness", "anger"))


def test_vits_settings_go_with_the_emotion_and_come_back(made) -> None:
    engine, _ = made("vits")
    model = engine.pipe.model
    before = {k: getattr(model, k) for k in ("speaking_rate", "noise_scale", "noise_scale_duration")}
    long, short = settings.moved(model, SAD, 1.0), settings.moved(model, Emotion.parse("fear"), 1.0)
    assert long["speaking_rate"] < short["speaking_rate"] and long["noise_scale"] < before["noise_scale"]
    half = settings.moved(model, SAD, 0.5)["speaking_rate"]
    assert long["speaking_rate"] < half < before["speaking_rate"]
    assert settings.moved(model, NEUTRAL, 1.0) == pytest.approx(before)
    plain = engine("hello there my friend", SAD, seed=1, lever="none")
    slow = engine("hello there my friend", SAD, seed=1, lever="settings")
    assert slow.duration > 1.1 * plain.duration
    assert {k: getattr(model, k) for k in before} == before


def test_after_keeps_the_length_that_the_settings_gave(made) -> None:
    engine, _ = made("vits")
    alone = engine("hello there my friend", SAD, seed=1, lever="settings")
    both = engine("hello there my friend", SAD, seed=1, lever="settings+after")
    assert both.duration == pytest.approx(alone.duration, abs=0.03)


def test_directions_planted_in_hidden_states_come_back(made, all_words) -> None:
    """Words for feelings are given their place in the embeddings; the fit must find it, and steering must move along it."""
    engine, options = made("csm")
    model = engine.pipe.model
    tokenizer, table = engine.pipe.processor.tokenizer, model.embed_text_tokens
    tokenizer.add_tokens(list(words()))
    known = tokenizer.get_vocab()
    rng = np.random.default_rng(0)
    axes = np.linalg.qr(rng.normal(size=(table.weight.shape[1], 3)))[0].T.astype(np.float32)
    old = table.weight.detach().clone()
    layers = engine.steered_layers
    try:
        with torch.no_grad():
            for word, place in words().items():
                table.weight[known[word]] = torch.from_numpy(np.asarray(place, np.float32) @ axes)
        engine.__dict__.pop("found", None)
        found = hidden.fit(model, lambda t: engine.plain(t, 0, options=options), layers, ("say {word}",))
        (direction,) = found.values()
        assert all(direction.effect[a] > 0.7 for a in ("valence", "arousal", "dominance")), direction.effect
        place = [float(direction.place(direction.offset(GLAD, s))[0]) for s in (0, 0.5, 1, 2)]
        assert place == sorted(place) and place[0] == 0 and place[3] == pytest.approx(2 * place[2], rel=1e-3)
        engine.__dict__["found"] = found
        seen, first = [], np.zeros(0)
        handle = model.backbone_model.norm.register_forward_pre_hook(
            lambda m, given: seen.append(given[0].detach().mean((0, 1)).numpy())
        )
        for strength in (0.0, 1.0, 2.0):
            seen.clear()
            engine("hello there", GLAD, seed=1, lever="directions", strength=strength, **options)
            first = seen[0] if strength == 0 else first
            moved = float(direction.place(seen[0] - first)[0])
            assert moved == pytest.approx(strength * GLAD.vad[0], abs=0.02)
        handle.remove()
    finally:
        engine.__dict__.pop("found", None)
        with torch.no_grad():
            table.weight.copy_(old)


def test_the_text_passes_once_and_no_sound_is_made(made) -> None:
    engine, _ = made("vits")
    layers = engine.steered_layers
    states = hidden.first_pass(engine.pipe.model, lambda t: engine.plain(t, 0), "a word", layers)
    assert states[layers[0]].ndim == 2 and states[layers[0]].shape[1] == 16
    with pytest.raises(InputError, match="no layer"):
        hidden.layers_of(engine.pipe.model, "nowhere.3")


def test_directions_planted_in_speaker_embeddings_come_back_with_speakers_held_out() -> None:
    rng = np.random.default_rng(1)
    axes = np.linalg.qr(rng.normal(size=(40, 3)))[0].T
    clips = []
    for speaker in range(6):
        own = rng.normal(size=40) * 3
        for name in ("neutral", "anger", "joy", "fear", "sadness", "disgust", "surprise"):
            for _ in range(4):
                emotion = Emotion.parse(name)
                x = own + np.asarray(emotion.vad) @ axes + 0.05 * rng.normal(size=40)
                clips.append(latents.Clip(str(speaker), emotion, {"d": x}))
    direction = latents.fit(clips)["d"]
    assert min(direction.effect.values()) > 0.9 and direction.explained > 0.7
    for mine, planted in zip(direction.weight, axes, strict=True):
        assert mine @ planted / np.linalg.norm(mine) > 0.95
    with pytest.raises(InputError, match="neutral and emotional"):
        latents.fit([c for c in clips if c.emotion.vad != NEUTRAL.vad])


def test_a_moved_speaker_embedding_keeps_its_length() -> None:
    vector = np.array([3.0, 4.0], np.float32)
    assert turned(vector, np.zeros(2)) is vector
    moved = turned(vector, np.array([5.0, 0.0], np.float32))
    assert np.linalg.norm(moved) == pytest.approx(5.0) and moved[0] > 3


def test_speecht5_clones_by_an_encoder_and_follows_directions(made, clip, tmp_path) -> None:
    engine, _ = made("speecht5", encoder=xvector)
    assert engine.clones and engine._kept_as[1] == "speakers"
    with pytest.raises(InputError, match="speaks in the voice of a clip"):
        engine("hello", GLAD)
    with pytest.raises(InputError, match="labelled clips"):
        engine("hello", GLAD, reference=str(clip), lever="directions")
    engine.__dict__["found"] = engine._find(labelled(tmp_path / "clips"), None)
    say = {"reference": str(clip), "seed": 2}
    plain = engine("hello there", GLAD, lever="none", **say)
    zero = engine("hello there", GLAD, lever="directions", strength=0, **say)
    moved = engine("hello there", GLAD, lever="directions", **say)
    assert np.array_equal(plain.samples, zero.samples)
    assert plain.samples.shape != moved.samples.shape or not np.array_equal(plain.samples, moved.samples)
    with pytest.raises(InputError, match="of 8 numbers"):
        TransformersVoice.load(
            engine.spec, encoder=str(xvector(tmp_path / "x", 8)), vocoder=str(Path(engine.spec).parent / "v")
        )
    engine.__dict__.pop("found")


def test_the_best_lever_is_measured_kept_and_used(made, monkeypatch, tmp_path) -> None:
    engine, _ = made("vits")
    assert engine.default_lever(False) == "settings+after"
    monkeypatch.setattr(chosen, "SIX", ("neutral", "joy"))
    monkeypatch.setattr(chosen, "_hearing", lambda: chosen._deaf)  # slow on noise
    found = engine.fit(sentences=("hello there",), strengths=(0.5, 1.0))
    assert set(found["measured"]) == {"none", "settings+after", "after", "directions"}
    assert found["lever"] == engine.default_lever(False) != "none"
    known = catalogue.find("vits-ljs")
    assert known.chosen() == ""
    with monkeypatch.context() as m:
        m.setattr(hub, "cached", lambda spec: Path(engine.spec))
        effects = [found["measured"][k]["agreement"] for k in ("none", found["lever"])]
        how = f"{found['lever']} at strength {found['strength']:g} in its own voice"
        assert known.chosen() == f"{how} (measured: agreement {effects[0]} → {effects[1]})"
    assert engine("hello there my friend", GLAD, seed=1).info["strength"] == found["strength"] in (0.5, 1.0)
    named = engine("hello there my friend", GLAD, seed=1, lever="directions").info["strength"]
    assert named == found["strengths"]["directions"] == found["measured"]["directions"]["strength"]
    take = Studio(speech=f"transformers:{engine.spec}", score=False).speak("hello there", "joy", seed=1)
    take.save(tmp_path / "a.wav")
    content = json.loads(catalogue.levers_file(engine.key).read_text())
    content["own"] |= {"lever": "after", "strengths": {"after": 2.0}}
    catalogue.levers_file(engine.key).write_text(json.dumps(content))
    assert engine("hello there my friend", GLAD, seed=1).info["lever"] == "after"
    again = Studio(score=False).replay(tmp_path / "a.wav")
    assert np.array_equal(again.output.samples, take.output.samples) and again.output.info == take.output.info
    catalogue.levers_file(engine.key).write_text("{")
    assert engine.default_lever(False) == "settings+after"
    assert hub.cache_folder() in catalogue.levers_file(engine.key).parents


def test_a_cloned_voice_by_the_command_states_consent_and_replays(made, clip, tmp_path, capsys) -> None:
    engine, _ = made("pocket")
    clip = Path(shutil.copy(clip, tmp_path / "clip.wav"))
    spec = f"transformers:{engine.spec}"
    words = ["speak", "hello", "--engine", spec, "--seed", "1", "--no-card", "-e", "anger", "--reference", str(clip)]
    assert run([*words, "--consent", "--strength", "0.5", "-o", str(tmp_path / "a.wav")]) == 0
    content = json.loads((tmp_path / "a.wav.json").read_text())
    call = content["request"]
    assert call["reference"] == str(clip) and len(call["reference_sha256"]) == 64 and call["strength"] == 0.5
    assert "given" in json.dumps(content["made"])
    again = Studio(speech=spec, score=False).replay(tmp_path / "a.wav")
    first = Studio(speech=spec, score=False).speak("hello", "anger", seed=1, reference=clip, strength=0.5)
    assert np.array_equal(again.output.samples, first.output.samples)
    capsys.readouterr()
    assert run(["speak", "hello", "--reference", str(clip), "-o", str(tmp_path / "b.wav")]) == 2
    assert "belong to pretrained voices" in capsys.readouterr().err
    assert run(["speak", 'oh <break time="1s"/> no', "--engine", spec, "-o", str(tmp_path / "c.wav")]) == 2
    assert "no sounds" in capsys.readouterr().err
    clip.write_bytes(clip.read_bytes() + b"0")
    assert run(["replay", str(tmp_path / "a.wav"), "-o", str(tmp_path / "d.wav")]) == 2
    assert "has changed since" in capsys.readouterr().err


def test_coqui_is_an_extra(tmp_path) -> None:
    from importlib.util import find_spec

    from genstudio import registry

    (tmp_path / "config.json").write_text('{"model": "vits"}')
    (tmp_path / "model.pth").write_bytes(b"0" * 100)
    with pytest.raises(InputError, match="--allow-pickle"):
        registry.load_with(f"speech:coqui:{tmp_path}")
    if find_spec("TTS") is None:
        with pytest.raises(MissingExtraError, match=r"genstudio\[coqui\]"):
            registry.load_with(f"speech:coqui:{tmp_path}", allow_pickle=True)
