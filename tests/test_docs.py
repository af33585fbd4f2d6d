"""The examples of docs/evaluate.md run as they are written, on small made-up files under the names they use."""

from __future__ import annotations

import re
import shlex
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from typer.main import get_command

from genstudio.cli import run
from genstudio.media.audio import write_audio
from genstudio.protocols import Speech

from .evaluators.talking import RATE, ravdess, voice

PAGE = (Path(__file__).resolve().parent.parent / "docs" / "evaluate.md").read_text(encoding="utf-8")
FENCES = re.findall(r"^```python\n(.*?)^```", PAGE, re.M | re.S)
COMMANDS = re.findall(r"^    ((?:genstudio|python -m) .*)$", re.sub(r"^```.*?^```", "", PAGE, flags=re.M | re.S), re.M)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A working folder with every file the page names."""
    here = tmp_path_factory.mktemp("page")
    for folder in ("outputs", "ours", "theirs"):
        for k, kind in enumerate(("anger", "sadness")):
            path = here / folder / f"{kind}.wav"
            path.parent.mkdir(exist_ok=True)
            write_audio(path, voice(kind, k + len(folder)), RATE)
    (here / "targets.csv").write_text("file,emotion\nanger.wav,anger\nsadness.wav,sadness\n")
    faces = np.random.default_rng(0).integers(0, 255, (4, 48, 48), dtype=np.uint8)
    (here / "DATA" / "fer2013").mkdir(parents=True)
    np.savez(here / "DATA" / "fer2013" / "public_test.npz", images=faces, labels=np.array([0, 3, 4, 6]))
    wav = here / "DATA" / "emodb" / "wav"
    wav.mkdir(parents=True)
    for name, kind in (("03a01Wa", "anger"), ("03a01Ta", "sadness")):
        write_audio(wav / f"{name}.wav", voice(kind), RATE)
    ravdess(here / "RAVDESS", takes=1)
    (here / "clip.mp4").write_bytes(next((here / "RAVDESS").rglob("01-*.mp4")).read_bytes())
    return here


def call(line: str) -> int:
    """One command of the page, in this process."""
    words = shlex.split(line, comments=True)
    if words[0] == "genstudio":
        return run(words[1:])
    assert words[:2] == ["python", "-m"]
    return int(import_module(words[2]).main(words[3:]) or 0)


def test_the_page_has_examples() -> None:
    assert len(COMMANDS) >= 6 and len(FENCES) >= 3


@pytest.mark.slow
def test_every_example_runs(place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """In the order of the page: what one writes, the next may read."""
    monkeypatch.chdir(place)
    for line in COMMANDS:
        assert call(line) == 0, f"{line}\n{capsys.readouterr().err}"
    names: dict[str, object] = {}
    for block in FENCES:
        exec(compile(block, "docs/evaluate.md", "exec"), names)  # the page is ours
    shown = capsys.readouterr().out
    assert "genstudio-speech-score" in shown and "speaker" in shown
    names["my_model"] = lambda samples, rate: {"joy": 0.75, "neutral": 0.25}
    reading = names["load"]()(Speech(voice("anger"), RATE))  # type: ignore[operator]
    assert reading.top == "joy" and reading.valence > 0


def test_every_option_of_the_page_is_known() -> None:
    from genstudio.cli.app import app

    group = get_command(app)
    known = {o for command in group.commands.values() for p in command.params for o in p.opts}  # type: ignore[attr-defined]
    train = import_module("genstudio.evaluators.fusion.train").parser()
    known |= {o for action in train._actions for o in action.option_strings}
    page = re.sub(r"`python -m [^`]*`", "", PAGE)  # tools of other modules, named in passing
    assert set(re.findall(r"(--[a-z][a-z-]+)", page)) <= known
