from __future__ import annotations

import numpy as np
import pytest

from genstudio import Emotion
from genstudio.errors import InputError, MediaError
from genstudio.media.image import write_image
from genstudio.scoring import evaluate_file, kind_of, stride
from tests.small import use_small_engines


def test_kinds_are_found_and_bad_files_said_plainly(tmp_path):
    for name, kind in (("a.PNG", "image"), ("a.wav", "audio"), ("a.mp4", "video"), ("a.txt", "text")):
        (tmp_path / name).write_text("x")
        assert kind_of(tmp_path / name) == kind
    (tmp_path / "empty.wav").touch()
    (tmp_path / "a.xyz").write_text("x")
    for name, message in (("none.png", "no file"), ("empty.wav", "is empty"), ("a.xyz", "unknown kind")):
        with pytest.raises(MediaError, match=message):
            kind_of(tmp_path / name)
    with pytest.raises(InputError, match="valid: face, speech, image, text"):
        evaluate_file(tmp_path / "a.wav", modality="smell")


def test_a_recording_in_a_video_container_is_read_as_a_voice(tmp_path, monkeypatch):
    import av

    use_small_engines(monkeypatch)
    path = tmp_path / "voice.webm"  # what browsers record
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libopus", rate=48_000, layout="mono")
        tone = (0.3 * np.sin(np.arange(48_000) / 20)).astype(np.float32)
        frame = av.AudioFrame.from_ndarray(tone[None], format="flt", layout="mono")
        frame.sample_rate = 48_000
        out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    assert kind_of(path) == "audio"
    assert [r.modality for r in evaluate_file(path)] == ["speech"]


@pytest.mark.parametrize(
    ("name", "modality", "valid"),
    [
        ("a.wav", "face", "speech"),
        ("a.png", "speech", "face or image"),
        ("a.txt", "image", "text"),
        ("a.mp4", "text", "face or speech"),
    ],
)
def test_a_file_is_read_only_as_what_it_holds(tmp_path, name, modality, valid):
    (tmp_path / name).write_text("x")
    with pytest.raises(MediaError, match=f"can be read as {valid}, not as {modality}"):
        evaluate_file(tmp_path / name, None, modality)


def test_a_text_file_named_png_is_no_picture(tmp_path, monkeypatch):
    use_small_engines(monkeypatch)
    (tmp_path / "a.png").write_text("I am text")
    with pytest.raises(MediaError, match="not an image"):
        evaluate_file(tmp_path / "a.png", modality="image")


def test_the_reading_carries_target_and_distance(tmp_path, monkeypatch):
    use_small_engines(monkeypatch)
    write_image(tmp_path / "a.png", np.full((32, 32, 3), 203, np.uint8))
    (reading,) = evaluate_file(tmp_path / "a.png", Emotion.parse("joy"), "image")
    assert reading.target == Emotion.parse("joy") and reading.distance == pytest.approx(0.48 / 8**0.5, abs=0.01)
    assert reading.agreement == pytest.approx(0.7)
    assert evaluate_file(tmp_path / "a.png", None, "image")[0].distance is None


def test_long_videos_are_thinned():
    assert stride(100) == 5 and stride(15_000) == 250
