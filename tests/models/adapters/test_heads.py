"""Talking heads of others: real diffusers video pipelines, tiny and random, and an animator that is a command or a function."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from genstudio import Emotion, Studio, registry
from genstudio.cli import run
from genstudio.errors import FaceError, InputError, MissingError
from genstudio.media.audio import write_audio
from genstudio.media.image import read_image
from genstudio.models.adapters import fit_directions
from genstudio.models.adapters.heads import ExternalHead, Ltx2Head, WanHead
from genstudio.models.adapters.heads.driving import drive, face_box, fitted
from genstudio.models.adapters.heads.ltx2 import heard, log_mel
from genstudio.models.adapters.texts import TEMPLATES
from genstudio.protocols import Speech

from .videos import saved

EXAMPLE = Path(__file__).parents[3] / "docs" / "examples" / "animator.json"
JOY, SADNESS = Emotion.parse("joy"), Emotion.parse("sadness")
SMALL = {"size": 64, "seed": 1, "steps": 1, "max_sequence_length": 32}
LTX = {**SMALL, "stg_scale": 0.0, "modality_scale": 1.0, "text_guidance": 1.0}


@pytest.fixture(scope="module")
def portrait() -> np.ndarray:
    return read_image(next(iter(registry.load("head:embedded").portraits().values())))


@pytest.fixture(scope="module")
def speech() -> Speech:
    t = np.arange(4800) / 24_000
    samples = 0.2 * np.sin(2 * np.pi * 140 * t) * (0.5 + 0.5 * np.sin(2 * np.pi * 5 * t))
    return Speech(samples.astype(np.float32), 24_000, "hello", "en", emotion=JOY)


@pytest.fixture(scope="module")
def ltx2(tmp_path_factory) -> Ltx2Head:
    engine = Ltx2Head.load(saved("ltx2", tmp_path_factory.mktemp("ltx2")))
    engine.fit(templates=TEMPLATES[:1])
    return engine


@pytest.fixture(scope="module")
def wan(tmp_path_factory) -> WanHead:
    pytest.importorskip("ftfy", reason="diffusers' Wan pipelines need ftfy")
    engine = WanHead.load(saved("wan", tmp_path_factory.mktemp("wan")))
    engine.fit(templates=TEMPLATES[:1])
    return engine


@pytest.fixture(scope="module")
def once():
    """The real driver, which makes each emotion's video once."""
    made = {}

    def driver(portrait, size, multiple, speech, emotion, seed, fps, **options):
        if emotion not in made:
            made[emotion] = drive(portrait, size, multiple, speech, emotion, seed, fps, **options)
        return made[emotion]

    return driver


def _frames(head) -> np.ndarray:
    return np.stack(list(head.frames()))


def test_portraits_are_brought_to_sizes_a_model_can_draw(portrait) -> None:
    assert fitted(portrait, 64, 16).shape[:2] == (64, 64)
    assert fitted(np.zeros((300, 200, 3), np.uint8), 96, 16).shape[:2] == (96, 64)
    assert fitted(np.zeros((10, 400, 3), np.uint8), 96, 16).shape[:2] == (16, 96)
    with pytest.raises(InputError, match="multiples of 32 pixels, not 250; give 224 or 256"):
        fitted(portrait, 250, 32)


def test_the_driving_video_shows_the_emotion(portrait, speech) -> None:
    joy, sad = (drive(portrait, 256, 16, speech, e, 1, 25.0) for e in (JOY, SADNESS))
    assert joy.frames.shape == sad.frames.shape == (5, 256, 256, 3) and joy.landmarks.shape == (5, 68, 2)
    wide = [float(np.ptp(d.landmarks[-1, 48:60, 0]) / np.ptp(d.landmarks[-1, :17, 0])) for d in (joy, sad)]
    assert wide[0] > wide[1]  # a smile is wider
    left, top, right, bottom = face_box(joy.landmarks[0], 256, 256)
    inside = joy.landmarks[0, 17:]
    assert (inside >= (left, top)).all() and (inside <= (right, bottom)).all() and top < inside[:, 1].min() - 3
    assert [f.shape for f in joy.faces(32)] == [(32, 32, 3)] * 5
    poses = joy.poses()
    assert poses[0].any() and np.array_equal(poses[0][-40:, :60], poses[-1][-40:, :60])  # shoulders stay


def test_wan_is_driven_by_the_embedded_head(wan, portrait, speech, once, monkeypatch) -> None:
    monkeypatch.setattr("genstudio.models.adapters.heads.wan.drive", once)
    told: list[float] = []
    joy = wan(portrait, speech, JOY, progress=told.append, **SMALL)
    assert joy.count == 6 and joy.motion.fps == 30.0 and joy.motion.values.shape[0] == 6 and joy.size == (64, 64)
    assert joy.info["lever"] == "driving video" and told[-1] == 1.0
    assert not np.array_equal(_frames(joy), _frames(wan(portrait, speech, SADNESS, **SMALL)))
    strong = wan(portrait, speech, JOY, strength=4.0, **SMALL)
    assert strong.info["moved"]["prompt_embeds"] > 0 and not np.array_equal(_frames(joy), _frames(strong))
    one = wan(portrait, speech, JOY, segment_frame_length=5, **SMALL)  # several segments
    assert one.count == 6 and not np.array_equal(_frames(joy), _frames(one))


def test_wan_at_strength_0_is_the_plain_pipeline(wan, portrait, speech, once, monkeypatch) -> None:
    from PIL import Image

    monkeypatch.setattr("genstudio.models.adapters.heads.wan.drive", once)
    driving = once(portrait, 64, 16, speech, JOY, 1, 30.0)
    plain = wan.pipeline(
        image=Image.fromarray(driving.picture), pose_video=[Image.fromarray(f) for f in driving.poses()],
        face_video=[Image.fromarray(f) for f in driving.faces(16)], prompt=wan.prompt, height=64, width=64, output_type="np",
        segment_frame_length=9, num_inference_steps=1, max_sequence_length=32, generator=torch.Generator().manual_seed(1),
    ).frames[0]  # fmt: skip
    ours = _frames(wan(portrait, speech, JOY, strength=0.0, **SMALL))
    assert np.array_equal(ours, (plain * 255).round().astype(np.uint8))


@pytest.mark.parametrize("name", ["wan", "ltx2"])
def test_low_precision_and_offload_hooks_run(name, request, portrait, speech, once, monkeypatch) -> None:
    from accelerate import cpu_offload

    monkeypatch.setattr("genstudio.models.adapters.heads.wan.drive", once)
    engine, options = request.getfixturevalue(name), SMALL if name == "wan" else LTX
    half = type(engine).load(engine.spec, dtype="bfloat16")
    half.adapter = engine.adapter
    plain, moved = (_frames(half(portrait, speech, JOY, strength=s, **options)) for s in (0.0, 4.0))
    assert half.pipeline.transformer.dtype is torch.bfloat16 and plain.shape == moved.shape
    assert not np.array_equal(plain, moved)
    cpu_offload(half.pipeline.transformer, execution_device=torch.device("cpu"))
    assert np.array_equal(_frames(half(portrait, speech, JOY, strength=0.0, **options)), plain)


def test_ltx2_hears_the_speech_and_follows_the_emotion(ltx2, portrait, speech) -> None:
    plain = ltx2(portrait, speech, JOY, strength=0.0, **LTX)
    assert plain.count == 5 and plain.size == (64, 64) and plain.info["lever"] == "our speech"
    assert plain.speech is speech and plain.motion.values.shape == (5, 0)
    assert np.array_equal(_frames(plain), _frames(ltx2(portrait, speech, Emotion.neutral(), **LTX)))
    joy = ltx2(portrait, speech, JOY, emotion_guidance=4.0, **LTX)
    assert joy.info["lever"] == "our speech, directions" and joy.info["moved"]["prompt_embeds"] > 0
    assert not np.array_equal(_frames(plain), _frames(joy))
    other = replace(speech, samples=speech.samples[::-1].copy())
    assert not np.array_equal(_frames(plain), _frames(ltx2(portrait, other, JOY, strength=0.0, **LTX)))
    with pytest.raises(InputError, match="has no motion to write"):
        ltx2.export_motion(joy.motion, "x.csv")


def test_the_given_sound_stays_as_it_is(ltx2, speech) -> None:
    latents = ltx2.audio_latents(speech, 9 / 25)
    assert latents.shape[:2] == (1, 2) and latents.shape[2] in (9, 10) and latents.shape[3] == 2
    ask = {
        "prompt": "a man", "height": 32, "width": 32, "num_frames": 9, "frame_rate": 25.0, "num_inference_steps": 2,
        "guidance_scale": 1.0, "stg_scale": 0.0, "modality_scale": 1.0, "audio_guidance_scale": 1.0, "audio_stg_scale": 0.0,
        "audio_modality_scale": 1.0, "max_sequence_length": 32, "output_type": "latent", "audio_latents": latents,
    }  # fmt: skip
    with heard(ltx2.pipeline):
        kept = ltx2.pipeline(generator=torch.Generator().manual_seed(0), **ask).audio
    lost = ltx2.pipeline(generator=torch.Generator().manual_seed(0), **ask).audio
    assert torch.allclose(kept, latents, atol=1e-5) and not torch.allclose(lost, latents, atol=0.1)
    assert ltx2.pipeline.audio_scheduler is None and "prepare_audio_latents" not in vars(ltx2.pipeline)


def test_the_spectrogram_is_that_of_another_implementation(speech) -> None:
    from transformers.audio_utils import mel_filter_bank, spectrogram, window_function

    bank = mel_filter_bank(513, 64, 0.0, 8000.0, 16_000, norm="slaney", mel_scale="slaney")
    other = spectrogram(
        speech.samples,
        window_function(1024, "hann"),
        1024,
        160,
        power=1.0,
        mel_filters=bank,
        mel_floor=1e-5,
        log_mel="log",
    )
    assert np.abs(log_mel(speech.samples, 16_000, 160, 64) - other.T).max() < 1e-2


def test_directions_are_fitted_by_name(ltx2) -> None:
    report = fit_directions(f"ltx2:{ltx2.spec}")
    assert report["engine"] == f"ltx2:{ltx2.spec}" and set(report["prompt_embeds"]["effect"]) == {
        "valence", "arousal", "dominance"
    }  # fmt: skip


def swapped(picture, frames, *, motion, speech, size, seed, shade=0):
    """An animator as a function: the driving frames upside down."""
    assert motion.values.shape[0] == len(frames) and speech.rate == 24_000 and picture.shape == frames[0].shape
    return [np.flipud(f) // (1 + shade) for f in frames[::2]]


@pytest.fixture(scope="module")
def driven(portrait, speech):
    return drive(portrait, 64, 2, speech, JOY, 0, 25.0)


def test_an_animator_that_is_a_function(portrait, speech, driven, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("genstudio.models.adapters.heads.external.drive", lambda *a, **k: driven)
    (tmp_path / "a.json").write_text(json.dumps({"function": f"{__name__}:swapped", "options": {"shade": 1}}))
    engine = ExternalHead.load(str(tmp_path / "a.json"))
    head = engine(portrait, speech, JOY, size=64)
    assert head.count == 5 and head.info["animator"].endswith(
        ":swapped"
    )  # half the frames, brought to the driver's times
    assert _frames(head).max() <= 127 < _frames(engine(portrait, speech, JOY, size=64, shade=0)).max()


def test_the_worked_example_runs_from_the_command_line(speech, tmp_path, capsys) -> None:
    write_audio(tmp_path / "hello.wav", speech.samples, speech.rate)
    out = tmp_path / "head.mp4"
    words = [
        "animate",
        "portrait_1",
        "--audio",
        str(tmp_path / "hello.wav"),
        "-e",
        "joy",
        "--size",
        "128",
        "--seed",
        "1",
    ]
    assert run([*words, "--engine", f"external:{EXAMPLE}", "--motion", str(tmp_path / "m.csv"), "-o", str(out)]) == 0
    content = json.loads((tmp_path / "head.mp4.json").read_text())
    assert content["engine"] == f"head:external:{EXAMPLE}" and content["made"]["frames"] == 5
    assert content["made"]["info"]["lever"] == "driving video" and len(content["weights"][str(EXAMPLE)]) == 64
    assert (tmp_path / "m.csv").is_file() and "face reads" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("nothing", "is not JSON"),
        ({}, "either a command or a function"),
        ({"comand": []}, "unknown key 'comand'.*did you mean 'command'"),
        ({"command": ["x", "{out}", "{portrat}"]}, "unknown place '{portrat}'.*did you mean 'portrait'"),
        ({"command": ["x", "{portrait}"]}, "needs the place {out}"),
        ({"command": "x {out}"}, "must be a list of words"),
        ({"function": "a:b", "fps": 0}, "must be numbers above 0"),
    ],
)
def test_a_wrong_description_is_one_line(given, said, tmp_path) -> None:
    path = tmp_path / "a.json"
    path.write_text(given if isinstance(given, str) else json.dumps(given))
    with pytest.raises(InputError, match=said) as error:
        ExternalHead.load(str(path))
    assert "\n" not in str(error.value)


def test_an_animator_that_fails_says_why(portrait, speech, driven, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("genstudio.models.adapters.heads.external.drive", lambda *a, **k: driven)

    def told(command: list[str], seconds: float = 60) -> str:
        (tmp_path / "a.json").write_text(json.dumps({"command": command, "seconds": seconds}))
        with pytest.raises((MissingError, InputError)) as error:
            ExternalHead.load(str(tmp_path / "a.json"))(portrait, speech, JOY, size=64)
        assert "\n" not in str(error.value)
        return str(error.value)

    assert "cannot be run" in told(["no-such-animator", "{out}"])
    assert "ended with 3: out of paint" in told(
        ["{python}", "-c", "import sys; print('out of paint', file=sys.stderr); sys.exit(3)", "{out}"]
    )
    assert "wrote no video to {out}" in told(["{python}", "-c", "pass", "{out}"])
    assert "longer than 0.2 s" in told(["{python}", "-c", "import time; time.sleep(9)", "{out}"], 0.2)
    (tmp_path / "b.json").write_text(json.dumps({"function": "json:animate"}))
    with pytest.raises(MissingError, match="there is no function 'json:animate'"):
        ExternalHead.load(str(tmp_path / "b.json"))(portrait, speech, JOY, size=64)


def test_bad_input_of_heads_is_one_line(ltx2, portrait, speech, folders) -> None:
    with pytest.raises(FaceError, match="no face is found"):
        ltx2(np.full((128, 128, 3), 90, np.uint8), speech, JOY, **LTX)
    with pytest.raises(InputError, match="takes no 'blinks'"):
        ltx2(portrait, speech, JOY, blinks=1, **LTX)
    with pytest.raises(InputError, match="from 0 to 4"):
        ltx2(portrait, speech, JOY, strength=7, **LTX)
    with pytest.raises(InputError, match="multiples of 32"):
        ltx2(portrait, speech, JOY, **{**LTX, "size": 48})
    with pytest.raises(InputError, match="is a StableDiffusionPipeline, not a LTX2ConditionPipeline"):
        Studio(head=f"ltx2:{folders('sd')}").portraits()
    with pytest.raises(InputError, match="did you mean 'head:wan-animate"):
        Studio(head="wan-animat:x")
