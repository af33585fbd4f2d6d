"""The command line as people use it: names, streams, exit codes, one line an error."""

from __future__ import annotations

import json

import numpy as np
import pytest
import soundfile as sf

from genstudio.cli import run
from tests.small import use_small_engines


@pytest.fixture
def cli(monkeypatch, tmp_path, capsys):
    """Run in an empty folder with small engines; gives (code, stdout, stderr)."""
    use_small_engines(monkeypatch)
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str) -> tuple[int, str, str]:
        code = run(list(arguments))
        streams = capsys.readouterr()
        return code, streams.out, streams.err

    return call


def test_emotion_shows_how_an_expression_is_understood(cli):
    code, out, _ = cli("emotion", "-joy", "--json")
    assert code == 0 and json.loads(out)["categories"] == {"sadness": 1.0}
    assert "valence   +0.76" in cli("emotion", "joy")[1]
    assert "goemotions joy 1.00" in cli("emotion", "joy")[1]


def test_results_on_stdout_messages_on_stderr(cli, tmp_path):
    code, out, err = cli("paint", "a lake", "-e=-joy", "--size", "64x96", "--seed", "7", "-o", "a.png")
    assert code == 0 and out.strip() == "a.png" and "seed 7" in err and "ceiling" in err
    content = json.loads((tmp_path / "a.png.json").read_text())
    assert content["request"]["emotion_understood"]["categories"] == {"sadness": 1.0}
    code, out, _ = cli("speak", "Hello", "-e", "joy", "--takes", "2", "-o", "b.wav", "--json")
    row = json.loads(out)
    assert code == 0 and row["achieved"]["ceiling"]["chance"] == 0.14 and len(row["takes"]) == 2


def test_replay_is_identical(cli, tmp_path):
    cli("speak", "Hello", "-e", "joy:0.7+surprise:0.3", "--intensity", "0.7", "-o", "a.wav")
    code, out, err = cli("replay", "a.wav.json")
    assert code == 0 and "identical to the original" in err and (tmp_path / out.strip()).is_file()
    assert json.loads(cli("replay", "a.wav", "-o", "c.wav", "--json")[1])["identical"] is True


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "is not a sidecar"),
        ('{"request": 5}', "has no 'request'"),
        ('{"request": {}}', "no 'emotion'"),
        ('{"request": {}, "format": "x"}', "is damaged"),
        ('{"request": {}, "format": 99}', "newer genstudio"),
        ('{"request": {"emotion": {}, "seed": 1}, "kind": "speak"}', "needs 'valence'"),
        ('{"request": {"emotion": {"valence": "x", "arousal": 0}, "seed": 1}, "kind": "speak"}', "valence"),
        ('{"request": {"emotion": {"valence": 0, "arousal": 0}, "seed": 1}, "kind": "speak"}', "damaged"),
        ('{"request": {"emotion": 3, "seed": 1}, "kind": "speak"}', "damaged"),
        ('{"request": {}, "kind": ["speak"]}', "damaged"),
        ('{"request": {}, "made": {"file": "../../a.wav"}}', "no 'emotion'"),
    ],
)
def test_a_damaged_sidecar_is_said_in_one_line(cli, tmp_path, content, message):
    (tmp_path / "a.wav.json").write_text(content)
    code, _, err = cli("replay", "a.wav.json", "-o", "b.wav")
    line = err.strip().splitlines()[-1]
    assert code == 2 and message in line and "unexpected" not in err
    assert [p.name for p in tmp_path.iterdir()] == ["a.wav.json"]


def test_evaluate_goes_on_past_a_bad_file_and_returns_1(cli, tmp_path):
    sf.write(tmp_path / "good.wav", 0.1 * np.sin(np.arange(24_000) / 9), 24_000)
    code, out, err = cli("evaluate", "good.wav", "none.wav", "--target", "joy", "--json")
    rows = json.loads(out)
    assert code == 1 and rows[0]["distance"] is not None and "no file" in rows[1]["error"] and "error:" in err
    assert cli("evaluate", "none.wav")[0] == 2


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("speak", "Hello", "-e", "jpy"), 2, "did you mean 'joy'"),
        (("speak", ""), 2, "empty"),
        (("speak", "a" * 150_000), 2, "at most"),
        (("speak", "Hi", "-o", "a.xyz"), 2, "written as"),
        (("speak", "Hi", "--intensity", "3"), 2, "within 0 to 1.5"),
        (("paint", "x", "--size", "12"), 2, "64 to 2048"),
        (("paint", "x", "--size", "big"), 2, "is not a size"),
        (("paint", "x", "--seed", "-4"), 2, "whole number"),
        (("paint", "x", "-n", "0"), 2, "--count is 1 to 1000; got 0"),
        (("paint", "x", "--grid", "2x2", "-e", "joy"), 2, "--emotion has no effect with --grid"),
        (("paint", "x", "--grid", "big"), 2, "'big' is not a grid"),
        (("paint", "x", "--strength", "1"), 2, "--strength has no effect with a picture"),
        (("paint", "x", "--to", "joy", "--seconds", "2"), 2, "--seconds has no effect with --to"),
        (("paint", "x", "--grid", "2x2", "--intensity", "1"), 2, "--intensity has no effect"),
        (("paint", "x", "--image", "a.png", "-o", "b.png"), 2, "prompt has no effect with --image"),
        (("speak", "--from", "a.wav", "--rate", "2"), 2, "leave the text"),
        (("animate", "portrait_1", "--audio", "a.wav", "--voice", "tone"), 2, "--voice speaks a --text"),
        (("studio", "--port", "99999"), 2, "a port lies within 1 to 65535"),
        (("card", "a.wav", "--html", "a.pdf"), 2, "--html writes .html"),
        (("animate", "portrait_1"), 2, "either --audio"),
        (("evaluate", "x.wav", "--as", "smell"), 2, "valid: face, speech"),
        (("replay", "none.json"), 2, "no sidecar"),
        (("batch", "run", "none.yaml"), 2, "no manifest"),
        (("speak", "Hi", "-o", "/proc/none/a.wav"), 1, "cannot write"),
        (("speek", "Hi"), 2, "Did you mean 'speak'"),
        (("paint",), 2, "a prompt is needed"),
    ],
)
def test_bad_use_gets_one_line_and_an_exit_code(cli, tmp_path, arguments, code, message):
    got, out, err = cli(*arguments)
    assert got == code and message in err and len(err.strip().splitlines()) == 1 and out == ""
    assert not [p for p in tmp_path.rglob("*") if p.name.startswith(".")]


@pytest.mark.parametrize(
    "arguments",
    [["speak", "hi", "--voice", ""], ["speak", "hi", "-o", ""], ["speak", "hi", "--voice="], ["evaluate", ""],
     ["paint", "a lake", "--load", ""], ["batch", "run", "a.yaml", "--speech", ""], ["engines", "fit", ""]],
)  # fmt: skip
def test_an_empty_value_is_refused(cli, tmp_path, arguments):
    code, out, err = cli(*arguments)
    assert code == 2 and not out and "is empty" in err and err.count("\n") == 1
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "arguments",
    [
        ("speak", "Hi", "-o", "a.mp3"),
        ("paint", "x", "-o", "a.bmp"),
        ("paint", "x", "--grid", "2x2", "-o", "a.mp4"),
        ("paint", "x", "-o", "a.avi"),
        ("animate", "portrait_1", "--text", "Hi", "-o", "a.avi"),
    ],
)
def test_a_name_that_cannot_be_written_is_refused_before_the_work(cli, monkeypatch, arguments):
    monkeypatch.setattr("genstudio.studio.Studio.engine", lambda *_: pytest.fail("the work was begun"))
    code, _, err = cli(*arguments)
    assert code == 2 and "written as" in err


def test_no_terminal_is_too_narrow_for_a_message():
    import os
    import subprocess
    import sys

    narrow = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    read = subprocess.run([sys.executable, "-m", "genstudio", "emotion", "joy"], env=narrow, capture_output=True)
    assert read.returncode == 0 and b"valence" in read.stdout, read.stderr


@pytest.mark.parametrize("folder", ["batch", "consent"])
def test_a_folder_that_cannot_be_written(cli, monkeypatch, tmp_path, folder):
    from pathlib import Path

    def refused(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    if folder == "batch":
        (tmp_path / "m.yaml").write_text("jobs: [{kind: paint, prompt: x, size: 64}]")
        monkeypatch.setattr(Path, "mkdir", refused)
        code, _, err = cli("batch", "run", "m.yaml", "-o", "out")
        assert code == 1 and "the folder" in err and "not writable" in err and "unexpected" not in err
        return
    from genstudio.cli.common import record_consent

    monkeypatch.setattr("platformdirs.user_config_dir", lambda *_: str(tmp_path / "none"))
    monkeypatch.setattr(Path, "mkdir", refused)
    assert record_consent(True, "a portrait") == "given"


def test_an_existing_output_is_kept(cli, tmp_path):
    assert cli("paint", "x", "--size", "64", "-o", "a.png")[0] == 0
    before = (tmp_path / "a.png").read_bytes()
    code, _, err = cli("paint", "y", "-e", "joy", "--size", "64", "-o", "a.png")
    assert code == 1 and "--force" in err and (tmp_path / "a.png").read_bytes() == before
    assert cli("paint", "y", "-e", "joy", "--size", "64", "-o", "a.png", "--force")[0] == 0


def test_batch(cli, tmp_path):
    (tmp_path / "m.yaml").write_text("jobs: [{kind: paint, prompt: x, size: 64, sweep: {emotion: [joy, fear]}}]")
    assert "2 jobs" in cli("batch", "list", "m.yaml")[2]
    code, out, _ = cli("batch", "run", "m.yaml", "-o", "out", "--json")
    assert code == 0 and json.loads(out)["done"] == 2
    assert cli("batch", "run", "m.yaml", "-o", "out")[0] == 2
    assert json.loads(cli("batch", "run", "m.yaml", "-o", "out", "--resume", "--json")[1])["already"] == 2
    (tmp_path / "f.yaml").write_text("jobs: [{kind: paint, prompt: x, size: .nan}, {kind: paint, prompt: x, size: 64}]")
    code, out, err = cli("batch", "run", "f.yaml", "-o", "other", "--json")
    assert code == 1 and json.loads(out)["done"] == 1 and "error: 000000 (paint): a size is" in err


def test_an_interrupt_leaves_nothing_half_written(cli, monkeypatch, tmp_path):
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("PIL.Image.Image.save", interrupted)
    code, _, err = cli("paint", "x", "--size", "64", "-o", "a.png")
    assert code == 130 and "interrupted" in err and list(tmp_path.iterdir()) == []


def test_a_full_disk_is_said_plainly(cli, monkeypatch, tmp_path):
    import errno

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("PIL.Image.Image.save", full)
    code, _, err = cli("paint", "x", "--size", "64", "-o", "a.png")
    assert code == 1 and "disk is full" in err and list(tmp_path.iterdir()) == []


def test_help_teaches_every_command(cli):
    for command in (
        "speak",
        "animate",
        "paint",
        "create",
        "evaluate",
        "replay",
        "studio",
        "emotion",
        "engines",
        "doctor",
        "demo",
    ):
        code, out, _ = cli(command, "--help")
        assert code == 0 and len(out) > 200, command
        assert command != "speak" or '<break time="400ms"/>' in out
