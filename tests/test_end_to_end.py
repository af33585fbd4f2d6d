"""The whole path with the models that ship: an emotion in; voice, head, picture and their scores out."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
from PIL import Image

from genstudio import Emotion, Studio
from genstudio.cli import run
from genstudio.errors import FaceError, MediaError, TextError
from genstudio.media.video import probe, read_frames

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def studio() -> Studio:
    return Studio()


@pytest.fixture(scope="module")
def voice(studio):
    return studio.speak("It was you!", "joy", seed=1)


def test_the_readme_example_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code = re.search(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.S)
    assert code is not None
    exec(compile(code[1], "README.md", "exec"), {})
    assert (tmp_path / "lake.png.json").is_file() and (tmp_path / "head.mp4").is_file()


def test_speech_is_audible_and_timed(voice):
    speech = voice.output
    assert speech.rate == 24_000 and 0.4 < speech.duration < 4 and 0.02 < float(np.abs(speech.samples).max()) <= 1.0
    assert [w.text.strip("!.,").lower() for w in speech.words] == ["it", "was", "you"]
    assert all(a.end <= b.start + 1e-6 for a, b in zip(speech.words, speech.words[1:], strict=False))
    assert voice.reading.ceiling.value > voice.reading.ceiling.chance


def test_emotion_changes_every_output(studio):
    seen = []
    for e in ("anger", "sadness"):
        speech = studio.speak("It was you.", e, seed=3).output
        head = studio.animate("portrait_3", studio.speak("It was you.", "neutral", seed=3), e, seed=3).output
        picture = studio.paint("a lake", e, size=96, seed=3).output
        seen.append((speech.duration, head.motion.values[:40].mean(0), picture.pixels.astype(float)))
    assert abs(seen[0][0] - seen[1][0]) > 0.02
    assert np.abs(seen[0][1] - seen[1][1]).max() > 0.1
    assert np.abs(seen[0][2] - seen[1][2]).mean() > 8


def test_a_head_speaks_inherits_the_emotion_and_is_scored(studio, voice, tmp_path):
    take = studio.animate("portrait_2", voice, seed=1)
    assert take.emotion == voice.emotion
    path = take.save(tmp_path / "head.mp4")
    info = probe(path)
    assert (info.width, info.height, info.fps, info.has_audio) == (256, 256, 25.0, True)
    assert abs(info.frames / 25 - voice.output.duration) < 0.2
    frames = np.stack(list(read_frames(path))).astype(float)
    assert np.abs(np.diff(frames, axis=0)).mean() > 0.05  # it moves
    assert take.reading is not None and take.reading.modality == "face"
    again = studio.replay(path).save(tmp_path / "again.mp4")
    assert again.read_bytes() == path.read_bytes()


def test_create_writes_everything_with_scores(tmp_path):
    out = tmp_path / "out"
    arguments = [
        "create",
        "It was you!",
        "-e",
        "fear",
        "--portrait",
        "portrait_4",
        "--prompt",
        "a forest",
        "--seed",
        "2",
    ]
    assert run([*arguments, "-o", str(out)]) == 0
    names = {"image.png", "speech.wav", "head.mp4", "scores.json", "report.html"}
    assert names <= {p.name for p in out.iterdir()}
    scores = json.loads((out / "scores.json").read_text())
    assert [o["modality"] for o in scores["outputs"]] == ["speech", "face", "image"]
    assert all(0 <= o["distance"] <= 1 and o["ceiling"]["value"] for o in scores["outputs"])
    page = (out / "report.html").read_text()
    assert all(f'src="{n}"' in page for n in ("image.png", "speech.wav", "head.mp4")) and "<svg" in page


def test_recordings_of_any_kind_drive_a_head(studio, voice, tmp_path):
    x = voice.output.samples[::3]
    sf.write(tmp_path / "old.wav", np.stack([x, x], 1), 8000, subtype="PCM_U8")
    take = studio.animate("portrait_1", tmp_path / "old.wav", seed=1)
    assert take.request.call["emotion_from"] and take.output.count > 10
    sf.write(tmp_path / "long.wav", np.tile(voice.output.samples, 900)[: 24_000 * 700], 24_000)
    with pytest.raises(MediaError, match="at most 600 s"):
        studio.animate("portrait_1", tmp_path / "long.wav")
    sf.write(tmp_path / "silent.wav", np.zeros(48_000), 24_000)
    with pytest.raises(MediaError, match="is silent"):
        studio.animate("portrait_1", tmp_path / "silent.wav")


def test_portraits_without_a_face_and_with_two(studio, voice, tmp_path):
    Image.effect_mandelbrot((300, 300), (-2, -1.5, 1, 1.5), 20).convert("RGB").save(tmp_path / "none.png")
    with pytest.raises(FaceError, match="face"):
        studio.animate(tmp_path / "none.png", voice)
    a, b = (Image.open(studio.portraits()[f"portrait_{i}"]).convert("RGB") for i in (1, 2))
    both = Image.new("RGB", (a.width + b.width // 2, a.height), "grey")
    both.paste(a, (0, 0))
    both.paste(b.resize((b.width // 2, b.height // 2)), (a.width, 0))
    both.save(tmp_path / "two.png")
    take = studio.animate(tmp_path / "two.png", voice, seed=1)
    assert "2" in str(take.output.info.get("faces", "")) or "face" in str(take.output.info)


def test_texts_nobody_can_speak(studio):
    for text in ("你好，世界", "Привет, мир", "!!! ???"):
        with pytest.raises(TextError) as caught:
            studio.speak(text)
        assert "\n" not in str(caught.value)


def test_numbers_abbreviations_and_emoji_are_spoken(studio):
    take = studio.speak("Dr. Smith paid $12.50 on 3/4/2021 😀 (see www.example.com).", seed=0)
    assert take.output.duration > 3


def test_free_text_emotions_are_understood():
    relief, grief = Emotion.parse("bittersweet relief"), Emotion.parse("I lost everything and nobody came")
    assert relief.valence > grief.valence


def test_intensity_acts(studio):
    """The same seed, stronger: further from neutral in what is measured of the voice."""
    plain = studio.speak("It was you.", "neutral", seed=5).output
    far = []
    for x in (0.3, 1.0, 1.5):
        s = studio.speak("It was you.", "anger", intensity=x, seed=5).output
        far.append(abs(s.duration - plain.duration) + abs(_centroid(s.samples) - _centroid(plain.samples)) / 1000)
    assert far[0] < far[2]


def _centroid(x: np.ndarray) -> float:
    spectrum = np.abs(np.fft.rfft(x))
    return float((spectrum * np.fft.rfftfreq(len(x), 1 / 24_000)).sum() / spectrum.sum())


def test_a_recording_made_here_brings_its_emotion_along(studio, tmp_path):
    path = studio.speak("Come in.", "fear", seed=3).save(tmp_path / "a.wav")
    head = studio.animate("portrait_1", path, seed=1)
    assert head.emotion.categories == {"fear": 1.0} and "emotion_from" not in head.request.call
    path.with_name("b.wav").write_bytes(path.read_bytes())
    path.with_name("b.wav.json").write_text(
        (tmp_path / "a.wav.json").read_text().replace('"sha256": "', '"sha256": "0')
    )
    other = studio.animate("portrait_1", tmp_path / "b.wav", seed=1)  # another file's sidecar is not believed
    assert other.request.call["emotion_from"] == "genstudio-speech-steer"
