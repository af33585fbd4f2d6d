from __future__ import annotations

import json

import numpy as np
import pytest

from genstudio import Emotion, Studio
from genstudio.errors import InputError, MediaError, OutputError, TextError
from genstudio.protocols import Speech
from genstudio.sidecar import read_sidecar, sidecar_path
from tests.small import use_small_engines


@pytest.fixture
def studio(monkeypatch):
    use_small_engines(monkeypatch)
    return Studio()


def test_a_take_knows_what_was_asked_and_what_was_read(studio, tmp_path):
    take = studio.paint("a lake", Emotion(valence=0.7, arousal=-0.3), seed=5)
    assert take.reading.target == take.emotion and 0 <= take.reading.distance <= 1
    path = take.save(tmp_path / "lake.png")
    content = read_sidecar(path)
    assert content["request"]["prompt"] == "a lake" and content["request"]["seed"] == 5
    assert content["achieved"]["distance"] == pytest.approx(take.reading.distance, abs=1e-4)
    assert content["made"]["file"] == "lake.png" and len(content["made"]["sha256"]) == 64
    assert "AI-generated" in content["origin"] and content["environment"]["packages"]["numpy"]
    assert sidecar_path(path).name == "lake.png.json"


def test_replay_gives_the_identical_file(studio, tmp_path):
    for name, take in (
        ("a.png", studio.paint("x", "joy:0.7+surprise:0.3", size=(64, 96), intensity=0.77)),
        ("a.wav", studio.speak("Hello. [fear:0.8] Who is there?", "joy", intensity=0.9)),
        ("b.wav", studio.speak("Hello", "anger", takes=3)),
    ):
        path = take.save(tmp_path / name)
        again = studio.replay(path).save(tmp_path / f"again_{name}")
        assert path.read_bytes() == again.read_bytes(), name


def test_seeds_are_drawn_recorded_and_repeat(studio):
    a, b = studio.speak("Hi"), studio.speak("Hi")
    assert a.request.call["seed"] != b.request.call["seed"]
    again = studio.speak("Hi", seed=a.request.call["seed"])
    assert np.array_equal(again.output.samples, a.output.samples)
    with pytest.raises(InputError, match="whole number"):
        studio.speak("Hi", seed=-1)


def test_takes_keep_the_best_by_the_steering_recogniser(studio):
    take = studio.paint("x", "joy", seed=10, takes=3)
    assert [c["seed"] for c in take.candidates] == [10, 11, 12] and sum(c["kept"] for c in take.candidates) == 1
    kept = next(c for c in take.candidates if c["kept"])
    assert kept["nearness"] == max(c["nearness"] for c in take.candidates)
    with pytest.raises(InputError, match="1 to 100"):
        studio.paint("x", takes=0)


def test_an_existing_file_is_kept_unless_forced(studio, tmp_path):
    take = studio.speak("Hi", seed=1)
    path = take.save(tmp_path / "a.wav")
    with pytest.raises(OutputError, match="--force"):
        take.save(path)
    take.save(path, force=True)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.wav", "a.wav.json"]


def test_bad_requests(studio):
    for text in ("", "   ", "[joy]"):
        with pytest.raises(TextError):
            studio.speak(text)
    with pytest.raises(TextError, match="at most"):
        studio.speak("a" * 200_000)
    with pytest.raises(InputError, match="64 to 2048"):
        studio.paint("x", size=12)
    with pytest.raises(InputError, match="prompt is needed"):
        studio.paint(" ")
    with pytest.raises(InputError, match="valid: speech:embedded"):
        Studio(speech="embeded")
    with pytest.raises(InputError, match="either a recording or a text"):
        studio.animate("me.jpg")


def test_inline_tags_weigh_the_mean_by_length(studio):
    take = studio.speak("[joy] " + "a" * 90 + " [sadness] " + "b" * 8, seed=0)
    assert take.emotion.top == "joy" and take.emotion.valence > 0.4


def test_progress_is_reported(monkeypatch):
    use_small_engines(monkeypatch)
    assert json.dumps(Studio(progress=lambda stage, f: None).paint("x", seed=0).to_dict(), default=str)


def test_a_portrait_of_no_such_name_is_answered_with_the_names():
    speech = Speech(np.zeros(24_000, np.float32), 24_000)
    with pytest.raises(MediaError, match="no portrait of that name; valid: portrait_1, portrait_2"):
        Studio(score=False).animate("portrait_9", speech, "joy")
