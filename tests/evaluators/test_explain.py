"""Explanations: cues move as the signal does, and every clause carries its number."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from genstudio import registry
from genstudio.cli import run
from genstudio.emotion import Emotion
from genstudio.evaluators.explain import explain, face, picture, voice
from genstudio.evaluators.explain.cues import norms
from genstudio.media.audio import write_audio
from genstudio.media.image import write_image
from genstudio.protocols import Speech
from genstudio.studio import Studio

RATE = 24_000


def _voice(pitch: float, syllables: float, seconds: float = 2.0, bright: float = 0.7) -> Speech:
    """A buzz whose loudness pulses: harmonics falling by `bright` each."""
    t = np.arange(int(seconds * RATE)) / RATE
    x = sum(bright**k * np.sin(2 * np.pi * pitch * k * t + 0.3 * k) for k in range(1, 30) if pitch * k < 7000)
    x = x * (0.15 + np.sin(np.pi * syllables * t) ** 2)
    return Speech((0.2 * x / np.abs(x).max()).astype(np.float32), RATE)


def test_voice_cues_follow_the_signal() -> None:
    low, high = voice.measured(_voice(120, 3)), voice.measured(_voice(180, 5))
    assert low["pitch"] == pytest.approx(120, rel=0.02) and high["pitch"] == pytest.approx(180, rel=0.02)
    assert low["tempo"] == pytest.approx(3, abs=0.6) and high["tempo"] == pytest.approx(5, abs=0.6)
    assert (
        voice.measured(_voice(150, 3, bright=0.9))["brightness"]
        > voice.measured(_voice(150, 3, bright=0.5))["brightness"]
    )


def test_voice_against_its_own_neutral() -> None:
    own = voice.measured(_voice(120, 3))
    found = {c.name: c for c in voice.cues(voice.measured(_voice(180, 5)), own)}
    assert "50 % above this voice's neutral (180 against 120 Hz)" in found["pitch"].clause
    assert found["pitch"].notable and "anger" in found["pitch"].typical and "sadness" not in found["pitch"].typical
    assert found["tempo"].z > 1 and "faster" in found["tempo"].clause
    same = voice.cues(own, own)
    assert all(c.z == 0 and not c.notable for c in same)


def test_pitch_is_not_judged_against_other_people() -> None:
    pitch = next(c for c in voice.cues(voice.measured(_voice(120, 3))) if c.name == "pitch")
    assert pitch.z is None and "120 Hz" in pitch.clause


def _face() -> np.ndarray:
    """Landmarks of a schematic face, 100 px between the eyes."""
    p = np.zeros((68, 2))
    p[17:22] = [[-75, -26], [-65, -32], [-55, -32], [-40, -28], [-22, -24]]
    p[22:27] = -p[21:16:-1] * [1, -1]
    eye = np.array([[-20, 0], [-7, -6], [7, -6], [20, 0], [7, 6], [-7, 6]], float)
    p[36:42], p[42:48] = eye + [-50, 0], eye + [50, 0]
    p[27:36] = [[0, k] for k in range(9)]
    p[33] = [0, 45]
    p[48:60] = [
        [-40, 75],
        [-25, 70],
        [-8, 66],
        [0, 67],
        [8, 66],
        [25, 70],
        [40, 75],
        [25, 84],
        [8, 88],
        [0, 89],
        [-8, 88],
        [-25, 84],
    ]
    p[60:68] = [[-36, 76], [-8, 76], [0, 76], [8, 76], [36, 76], [8, 77], [0, 77], [-8, 77]]
    return p + 300


def test_face_cues_follow_the_landmarks_whatever_the_roll_and_size() -> None:
    rest = _face()
    base = face.measured(rest)
    turn = np.radians(20)
    spun = (rest - 300) @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]]) * 1.7 + 500
    assert face.measured(spun) == pytest.approx(base, abs=1e-6)
    frown = rest.copy()
    frown[[21, 22], 1] += 8
    frown[21, 0] += 6
    frown[22, 0] -= 6
    found = {c.name: c for c in face.cues(face.measured(frown), base)}
    assert "inner brows lowered" in found["inner brows"].clause and "anger" in found["inner brows"].typical
    assert "brows drawn together (-12.0 %" in found["brow distance"].clause
    smile = rest.copy()
    smile[[48, 54], 1] -= 10
    smile[48, 0] -= 8
    smile[54, 0] += 8
    found = {c.name: c for c in face.cues(face.measured(smile), base)}
    assert "joy" in found["lip corners"].typical and found["lip corners"].notable
    assert not found["inner brows"].notable


def test_picture_cues_name_what_is_unusual() -> None:
    night = np.full((120, 160, 3), 12, np.uint8)
    found = {c.name: c for c in picture.cues(night)}
    assert found["brightness"].z < -2 and found["brightness"].clause.startswith("darker")
    assert {"valence", "arousal", "mean", "sd"} <= set(norms()["picture"]["cues"]["brightness"])


def test_the_word_that_carries_it_is_named(tmp_path) -> None:
    file = tmp_path / "t.txt"
    file.write_text("I hate this soup.")
    (said,) = explain(file)
    assert said.said[0].name == "hate" and said.reading.top == "anger"
    assert f"{said.reading.categories['anger']:.2f}" in said.text()


def test_own_takes_are_compared_with_their_neutral(tmp_path) -> None:
    take = Studio(score=False).speak("The train leaves at nine.", Emotion.parse("anger"), seed=3)
    path = take.save(tmp_path / "a.wav")
    (said,) = explain(path)
    pitch = next(c for c in said.cues if c.name == "pitch")
    assert said.against == "this voice's neutral" and pitch.z is not None and pitch.normal is not None
    neutral = Studio(score=False).speak("The train leaves at nine.", seed=3)
    assert pitch.normal == pytest.approx(voice.measured(neutral.output)["pitch"], rel=0.03)
    for clause in said.said:
        assert any(ch.isdigit() for ch in clause.clause)


def test_a_reference_is_used(tmp_path) -> None:
    write_audio(tmp_path / "a.wav", _voice(180, 5).samples, RATE)
    write_audio(tmp_path / "n.wav", _voice(120, 3).samples, RATE)
    (alone,), (both,) = explain(tmp_path / "a.wav"), explain(tmp_path / "a.wav", tmp_path / "n.wav")
    assert "other" not in both.against and "12 people" in alone.against
    assert next(c.z for c in both.cues if c.name == "pitch") > 3


def test_command_prints_numbers_and_json(tmp_path, capsys) -> None:
    portrait = registry.load("head:embedded").portraits()["portrait_1"]
    assert run(["explain", str(portrait), "--as", "face", "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert {c["name"] for c in row["cues"]} == set(face.NAMES)
    assert all(math.isfinite(c["value"]) for c in row["cues"]) and "by face-score" in row["text"]
    write_image(tmp_path / "x.png", np.zeros((64, 64, 3), np.uint8), "{}")
    assert run(["explain", str(tmp_path / "x.png"), "-r", str(tmp_path / "none.wav")]) == 2
    assert "there is no file" in capsys.readouterr().err
