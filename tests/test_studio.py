from __future__ import annotations

import hashlib
import json
import os
import pickle
import select
import signal

import numpy as np
import pytest

from genstudio import Emotion, Studio
from genstudio.emotion import EmotionCurve
from genstudio.errors import EmotionError, InputError, MediaError, OutputError, TextError
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
    with pytest.raises(TextError, match="'aaaaaaaaaaaaaaaaaaaa…' goes on for 301 characters"):
        studio.speak("See " + "a" * 301)
    for voice in ("", 5):
        with pytest.raises(InputError, match=r"voice is .*; give a name"):
            studio.speak("Hello", voice=voice)
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


@pytest.mark.parametrize(
    "size", [64, np.int64(64), np.array(64), 64.0, [64, 64], np.array([64, 64]), (np.int32(64), 64)]
)
def test_a_size_in_any_form(studio, size):
    assert studio.paint("a lake", "joy", size=size, seed=np.int64(3)).request.call["size"] == [64, 64]


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda s: s.paint("a lake", "joy", size=(64, 64, 64)), InputError, "pair"),
        (lambda s: s.paint("a lake", "joy", size=float("nan")), InputError, "whole number of pixels"),
        (lambda s: s.paint("a lake", "joy", size="64"), InputError, "whole number of pixels"),
        (lambda s: s.paint("a lake", "joy", size=None), InputError, "whole number of pixels"),
        (lambda s: s.paint("a lake", "joy", seed=float("nan")), InputError, "seed is nan"),
        (lambda s: s.paint("a lake", "joy", seed=3.5), InputError, "seed is 3.5"),
        (lambda s: s.paint("a lake", "joy", seed=True), InputError, "seed is True"),
        (lambda s: s.paint("a lake", "joy", seed=2**63), InputError, "from 0 to 9007199254740991"),
        (lambda s: s.paint("a lake", "joy", takes="1"), InputError, "takes is '1'"),
        (lambda s: s.paint("a lake", "joy", takes=None), InputError, "takes is None"),
        (lambda s: s.paint("a lake", ["joy"]), EmotionError, "got list"),
        (lambda s: s.paint("a lake", 3), EmotionError, "got int"),
        (lambda s: s.paint(None, "joy"), InputError, "prompt is needed"),
        (lambda s: s.paint("a \ud800 lake", "joy"), InputError, "no UTF-8"),
        (lambda s: s.speak("Hello \udcff", "joy"), TextError, "no UTF-8"),
        (lambda s: s.evaluate(3), InputError, "got int"),
        (lambda s: s.evaluate(np.zeros((9, 9, 3))), InputError, "got ndarray"),
        (lambda s: s.animate("portrait_1", np.zeros(9), "joy"), InputError, "got ndarray"),
        (lambda s: s.convert(np.zeros(9), "joy"), InputError, "does not|gives no|got ndarray"),
        (lambda s: Studio(speech=None), InputError, "speech engine is a name"),
        (lambda s: Speech(np.zeros(9, np.int16), 24_000), MediaError, "got int16"),
        (lambda s: Speech(np.zeros((9, 2)), 24_000), MediaError, r"got float64 \[9, 2\]"),
        (lambda s: Speech(np.zeros(9), 0), MediaError, "above 0 Hz"),
        (lambda s: EmotionCurve.keyframes({float("nan"): "joy"}), EmotionError, "numbers of seconds"),
        (lambda s: Emotion.of_categories({"joy": float("nan")}), EmotionError, "weight of joy"),
    ],
)  # fmt: skip
def test_what_is_handed_over_is_checked_at_the_door(studio, make, error, message):
    with pytest.raises(error, match=message) as caught:
        make(studio)
    assert "\n" not in str(caught.value)


def test_a_portrait_is_pixels_or_a_pillow_image():
    from PIL import Image

    from genstudio.arguments import rgb

    assert rgb(Image.new("L", (4, 3)), "a portrait").shape == (3, 4, 3)
    with pytest.raises(MediaError, match=r"a portrait is .* got float64 \[3, 4\]"):
        rgb(np.zeros((3, 4)), "a portrait")


def test_a_path_of_odd_bytes_is_kept(studio, tmp_path):
    import os

    path = tmp_path / os.fsdecode(b"o\xff.wav")  # no UTF-8
    studio.speak("Hi", "joy").save(path)
    assert read_sidecar(path)["made"]["file"] == path.name
    assert studio.replay(path).save(tmp_path / "b.wav").read_bytes() == path.read_bytes()


def test_threads_are_counted_alike_before_and_after_torch_is_loaded():
    import os
    import subprocess
    import sys

    code = "import sys; from genstudio.sidecar import environment as e; assert 'torch' not in sys.modules; print(e()['threads'])"
    read = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "OMP_NUM_THREADS": "1"}, capture_output=True, text=True
    )
    assert read.stdout.strip() == "1", (
        read.stderr
    )  # the recorded count of a file made with one thread, whatever the machine


def test_numbers_of_numpy_are_numbers():
    a = Studio(score=False).speak("Hello.", seed=np.int64(3), rate=np.float64(1.25))
    assert (
        a.request.call["rate"] == 1.25 and type(a.request.call["rate"]) is float and type(a.request.call["seed"]) is int
    )


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_process_makes_the_same():
    studio = Studio(score=False)

    def make() -> bytes:
        voice = studio.speak("Hello.", "joy", seed=1).output.samples.tobytes()
        return voice + studio.paint("a lake", "joy", seed=1, size=128).output.pixels.tobytes()

    own = hashlib.sha256(make()).digest()
    receive, send = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(send, hashlib.sha256(make()).digest())
        os._exit(0)
    ready = select.select([receive], [], [], 60)[0]
    if not ready:
        os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    assert ready and os.read(receive, 32) == own


def test_takes_travel_between_processes():
    studio = Studio(score=False)
    voice = studio.speak("Hello.", "joy", seed=1)
    head = studio.animate("portrait_1", voice, size=64, seed=1, transparent=True)
    film = studio.film("a lake", "joy", size=64, seconds=0.5, fps=4, seed=1, steps=2)
    for made in (voice, head, film):
        there = pickle.loads(pickle.dumps(made))
        assert there.request == made.request
        if made is not voice:
            assert all(np.array_equal(a, b) for a, b in zip(there.output.frames(), made.output.frames(), strict=True))


def test_a_portrait_is_found_in_the_home_folder_and_by_bytes(tmp_path, monkeypatch):
    import os

    from PIL import Image

    from genstudio.studio import _pixels

    monkeypatch.setenv("HOME", str(tmp_path))
    Image.new("RGB", (80, 64), (9, 99, 199)).save(tmp_path / "me.png")
    for portrait in ("~/me.png", b"~/me.png", os.fsencode(tmp_path / "me.png")):
        call = {}
        assert _pixels(portrait, Studio(), call).shape == (64, 80, 3)
        assert call["portrait"] == str(tmp_path / "me.png")
