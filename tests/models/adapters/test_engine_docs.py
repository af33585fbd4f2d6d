"""What docs/engines.md shows is run: the added engine, through a real entry point."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import numpy as np
import pytest

from genstudio import Emotion, Studio, registry
from genstudio.protocols import EmotionAdapter

DOCS = Path(__file__).parents[3] / "docs" / "engines.md"


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """The documented package, as pip would lay it out."""
    text = DOCS.read_text(encoding="utf-8")
    code = re.search(r"```python\n(.*?)```", text, re.S)[1]
    name, target = re.search(r'"(image\.\w+)" = "(\w+:\w+)"', text).groups()
    assert len(code.splitlines()) <= 30
    (tmp_path / "wash.py").write_text(code)
    facts = tmp_path / "wash-1.0.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: wash\nVersion: 1.0\n")
    (facts / "entry_points.txt").write_text(f"[genstudio.engines]\n{name} = {target}\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    registry.entries.cache_clear()
    yield
    registry.entries.cache_clear()
    registry.unload()
    sys.modules.pop("wash", None)


def test_an_engine_is_added_by_an_entry_point(installed) -> None:
    assert registry.find("image:wash").source == "wash"
    studio = Studio(image="wash")
    joy, sad = (studio.paint("a mood", e, size=64, seed=1) for e in ("joy", "sadness"))
    assert joy.output.pixels[..., 0].mean() > sad.output.pixels[..., 0].mean() and joy.reading is not None


def test_the_commands_shown_have_the_options_shown() -> None:
    from importlib import import_module

    from typer.main import get_command

    from genstudio.cli.app import app

    shown = re.findall(r"^    (genstudio (?:paint|animate|engines)|python -m \S+)(.*)$", DOCS.read_text(), re.M)
    assert len(shown) >= 3
    for command, rest in shown:
        if command.startswith("python"):
            known = set(import_module(command.split()[-1]).parser()._option_string_actions)
        else:
            known = {o for p in get_command(app).commands[command.split()[1]].params for o in p.opts}
        assert set(re.findall(r"(?<=\s)(--?[a-z-]+)", rest)) <= known


def test_both_levers_are_adapters() -> None:
    from genstudio.models.adapters.levers import PromptDirections
    from genstudio.models.adapters.mapping import PromptMapping

    for lever in (PromptDirections(object(), "k"), PromptMapping({}, {})):
        assert isinstance(lever, EmotionAdapter)
        value = np.ones(3)
        assert lever.apply("prompt_embeds", value, Emotion.neutral()) is value
