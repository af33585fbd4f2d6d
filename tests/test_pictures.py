"""Sheets, variations and moving pictures, by Python and by command."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from genstudio import Emotion, EmotionCurve, Studio
from genstudio.cli import run
from genstudio.errors import InputError
from genstudio.media import image, video
from genstudio.protocols import Film, Picture


@pytest.fixture(scope="module")
def studio() -> Studio:
    return Studio()


def _pixels(take) -> np.ndarray:
    assert isinstance(take.output, Picture)
    return take.output.pixels


def test_vary_keeps_the_world_or_the_light(studio: Studio, tmp_path: Path) -> None:
    joy, fear = Emotion.parse("joy"), Emotion.parse("fear")
    original = studio.paint("a lake in the mountains", joy, size=64, seed=3)
    path = original.save(tmp_path / "lake.png")
    same_place = studio.vary(path, "world", fear, seed=9)
    same_light = studio.vary(path, "light", prompt="a village", seed=9)
    old, world, light = (t.output.scene for t in (original, same_place, same_light))
    assert world["maps"] == old["maps"] and world["objects"] == old["objects"] and world["mood"] != old["mood"]
    assert light["mood"] == old["mood"] and light["maps"] != old["maps"] and light["subject"] == "village"
    again = studio.replay(same_place.save(tmp_path / "night.png"))
    assert (_pixels(again) == _pixels(same_place)).all()


def test_grid_is_one_place_over_the_plane_each_cell_read(studio: Studio) -> None:
    take = studio.grid("a lake", (3, 2), size=64, seed=4)
    cells = take.output.info["cells"]
    assert [round(c["requested"]["valence"], 1) for c in cells] == [-0.9, 0, 0.9] * 2
    assert cells[0]["requested"]["arousal"] > cells[-1]["requested"]["arousal"]
    assert all(-1 <= c["read"]["valence"] <= 1 for c in cells)
    assert set(take.output.info["spearman"]) == {"valence", "arousal"}
    assert _pixels(take).shape == (2 * 68 + 4, 3 * 68 + 4, 3)
    assert take.reading is None and "cell" in take.note


def test_strip_passes_smoothly(studio: Studio) -> None:
    take = studio.strip("a lake", "joy", "sadness", 5, size=64, seed=4)
    cells = [_pixels(take)[4:68, 4 + i * 68 : 68 + i * 68].astype(int) for i in range(5)]
    steps = [np.abs(a - b).mean() for a, b in pairwise(cells)]
    assert np.abs(cells[0] - cells[-1]).mean() > max(steps) > 1
    faint = _pixels(studio.strip("a lake", "joy", "sadness", 5, intensity=0.3, size=64, seed=4)).astype(int)
    assert 0 < np.abs(faint[4:68, 4:68] - faint[4:68, -68:-4]).mean() < 0.7 * np.abs(cells[0] - cells[-1]).mean()


def test_film_moves_changes_its_mood_and_repeats(studio: Studio, tmp_path: Path) -> None:
    still = studio.film("a lake", "joy", size=64, seconds=1, fps=3, seed=4)
    assert isinstance(still.output, Film) and still.output.curve is None
    turning = studio.film("a lake", "joy", to="sadness", size=64, seconds=1, fps=3, seed=4)
    calm, turned = ([f.astype(int) for f in t.output.frames()] for t in (still, turning))
    assert len(calm) == len(turned) == 3
    assert np.abs(calm[0] - calm[-1]).mean() > 0.5  # water and clouds
    assert np.abs(turned[0] - turned[-1]).mean() > 1.5 * np.abs(calm[0] - calm[-1]).mean()
    path = turning.save(tmp_path / "turn.mp4")
    info = video.probe(path)
    assert (info.frames, info.width, info.has_audio) == (3, 64, False)
    sidecar = json.loads((tmp_path / "turn.mp4.json").read_text())
    assert len(sidecar["achieved"]["details"]["timeline"]) == 3 and sidecar["made"]["fps"] == 3
    again = studio.replay(path)
    assert (np.stack(list(again.output.frames())) == np.stack(list(turning.output.frames()))).all()


def test_wrong_use_is_one_line(studio: Studio, tmp_path: Path) -> None:
    for call, says in (
        (lambda: studio.grid("a lake", (1, 1)), "2 to 100 cells"),
        (lambda: studio.strip("a lake", "joy", "fear", 1), "from 2 to 100"),
        (lambda: studio.film("a lake", seconds=0.0), "seconds"),
        (lambda: studio.film("a lake", size=65), "even"),
        (lambda: studio.film("a lake", EmotionCurve.keyframes({0: "joy"}), to="fear"), "not both"),
        (lambda: studio.vary(tmp_path / "none.png"), "no sidecar"),
        (lambda: studio.paint("a lake", keep="world"), "base"),
    ):
        with pytest.raises(InputError, match=says):
            call()


def test_commands(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def paint(*arguments: str) -> int:
        return run(["paint", *arguments, "--size", "64", "--seed", "2"])

    lake, scene = str(tmp_path / "lake.png"), str(tmp_path / "scene.json")
    assert paint("a lake", "-e", "joy", "-o", lake, "--save-scene", scene) == 0
    edited = json.loads(Path(scene).read_text())
    edited["mood"]["middle"] = 0.2
    Path(scene).write_text(json.dumps(edited))
    assert paint("--scene", scene, "-o", str(tmp_path / "dark.png")) == 0
    day, night = (image.read_image(tmp_path / n).mean() for n in ("lake.png", "dark.png"))
    assert night < day - 15
    capsys.readouterr()
    assert paint("a barn", "-n", "2", "-o", str(tmp_path / "barn.png"), "--json") == 0
    rows = json.loads(capsys.readouterr().out)
    assert [Path(r["path"]).name for r in rows] == ["barn_1.png", "barn_2.png"] and [r["seed"] for r in rows] == [2, 3]
    assert paint("a lake", "--grid", "2x2", "--to", "fear", "-o", str(tmp_path / "x.png")) == 2
    assert "do not go together" in capsys.readouterr().err
    assert paint("--scene", str(tmp_path / "lake.png"), "-o", str(tmp_path / "y.png")) == 2
    assert "is not a scene" in capsys.readouterr().err
    assert paint("a lake", "--negative", "water", "--text-guidance", "3", "-o", str(tmp_path / "neg.png")) == 0
    assert not (image.read_image(tmp_path / "neg.png") == image.read_image(lake)).all()
