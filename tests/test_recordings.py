"""Recordings of anyone given an emotion: the speaker and the words stay, the emotion comes, replay is identical."""

from __future__ import annotations

import json

import numpy as np
import pytest

from genstudio import Studio
from genstudio.cli import run
from genstudio.errors import InputError, MediaError
from genstudio.media.audio import write_audio


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    """A 'recording': the German voice, which the conversion is not told of."""
    take = Studio(score=False).speak("Wir kommen morgen früh mit dem Zug.", voice="kerstin", seed=4)
    return take.save(tmp_path_factory.mktemp("clip") / "clip.wav")


def test_it_moves_as_asked_and_by_intensity(clip) -> None:
    from genstudio.evaluators.explain import voice

    studio = Studio(score=False)
    made = {i: voice.measured(studio.convert(clip, "anger", intensity=i, seed=1).output) for i in (0.0, 0.5, 1.0)}
    assert made[0.0]["pitch"] < made[0.5]["pitch"] < made[1.0]["pitch"]
    assert made[1.0]["brightness"] > made[0.0]["brightness"] + 2
    sad = voice.measured(studio.convert(clip, "sadness", seed=1).output)
    assert sad["brightness"] < made[1.0]["brightness"]
    still = studio.convert(clip, "anger", strength=0.0, seed=1).output
    assert voice.measured(still)["pitch"] == pytest.approx(made[0.0]["pitch"], rel=0.02)


def test_command_sidecar_and_replay(clip, tmp_path, capsys) -> None:
    out = tmp_path / "angry.wav"
    assert run(["speak", "--from", str(clip), "-e", "anger", "-o", str(out), "--seed", "1", "--json"]) == 0
    row = json.loads(capsys.readouterr().out)
    assert row["kind"] == "convert" and "of the same voice's neutral" in str(row["card"])
    content = json.loads(out.with_name("angry.wav.json").read_text())
    assert content["request"]["recording_sha256"] and content["made"]["info"]["consent"] in (
        "not stated",
        "given",
        "given before",
    )
    assert run(["replay", str(out), "-o", str(tmp_path / "again.wav")]) == 0
    assert "identical to the original" in capsys.readouterr().err
    clip.with_name("other.wav").write_bytes(b"x")


def test_bad_input_is_one_line(clip, tmp_path, capsys) -> None:
    studio = Studio(score=False)
    write_audio(tmp_path / "quiet.wav", np.zeros(24_000, np.float32), 24_000)
    with pytest.raises(MediaError, match="is silent"):
        studio.convert(tmp_path / "quiet.wav", "joy")
    with pytest.raises(InputError, match="from 0 to 2"):
        studio.convert(clip, "joy", strength=5)
    assert run(["speak", "hello", "--from", str(clip), "-o", str(tmp_path / "x.wav")]) == 2
    assert "leave the text" in capsys.readouterr().err
    assert run(["speak", "hello", "--strength", "1", "-o", str(tmp_path / "x.wav")]) == 2
    assert run(["speak", "--from", str(tmp_path / "none.wav"), "-o", str(tmp_path / "x.wav")]) == 2
    assert "there is no file" in capsys.readouterr().err
