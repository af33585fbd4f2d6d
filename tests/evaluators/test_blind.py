"""Blind readings: what is dealt tells nothing, and answers are scored against the key beside it."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image

from genstudio.cli import run
from genstudio.errors import InputError
from genstudio.evaluators.blind import deal, score
from genstudio.media.audio import read_audio
from genstudio.media.image import read_image

LABELS = ("joy", "fear", "anger")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Nine grey pictures whose level is their number, and three tones."""
    place = tmp_path / "made"
    place.mkdir()
    rows = ["file,emotion,reference"]
    for k in range(9):
        Image.fromarray(np.full((30 + k, 40, 3), 20 * k, np.uint8)).save(place / f"{k}.png")
        rows.append(f"{k}.png,{LABELS[k % 3]},prompt {k // 3}")
    for k in range(3):
        t = np.arange(8000) / 16_000
        soundfile.write(place / f"t{k}.wav", 0.3 * np.sin(2 * np.pi * (200 + 100 * k) * t), 16_000)
        rows.append(f"t{k}.wav,{LABELS[k]},")
    (place / "targets.csv").write_text("\n".join(rows) + "\n")
    return place


def answer(out: Path, name: str = "answers.csv", wrong: int = 0) -> None:
    items = json.loads((out.parent / "r.key.json").read_text())["items"]
    said = [LABELS[(LABELS.index(i["asked"]) + (k < wrong)) % 3] for k, i in enumerate(items.values())]
    (out / name).write_text("number,answer\n" + "".join(f"{n},{s}\n" for n, s in zip(items, said, strict=True)))


def test_what_is_dealt_tells_nothing_and_holds_everything(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "r"
    found = deal(folder, out, targets=folder / "targets.csv", per_sheet=5, seed=3)
    assert found["items"] == 12 and found["choices"] == sorted(LABELS) and found["sheets"] == 2
    names = [p.name for p in out.rglob("*") if p.is_file()]
    assert not any(word in n for n in names for word in (*LABELS, "key", "t0"))
    told = (out / "protocol.txt").read_text() + (out / "answers.csv").read_text()
    assert "prompt" not in told and "t0.wav" not in told
    items = json.loads((tmp_path / "r.key.json").read_text())["items"]
    assert sorted(i["file"] for i in items.values()) == sorted(p.name for p in folder.iterdir() if p.suffix != ".csv")
    clips = {n: i for n, i in items.items() if i["file"].endswith(".wav")}
    for n, i in clips.items():
        assert np.allclose(read_audio(out / "clips" / f"{int(n):03d}.wav"), read_audio(folder / i["file"]), atol=1e-3)
    page = read_image(out / "sheets" / "01.png")
    first = next(i for n, i in items.items() if n not in clips)
    assert (
        abs(int(page[100, 100, 0]) - 20 * int(first["file"][0])) <= 1
    )  # the first picture stands where the first number is
    other = deal(folder, tmp_path / "r2", targets=folder / "targets.csv", seed=4)
    assert other["items"] == 12
    assert [i["file"] for i in json.loads((tmp_path / "r2.key.json").read_text())["items"].values()] != [
        i["file"] for i in items.values()
    ]
    few = deal(folder, tmp_path / "r3", targets=folder / "targets.csv", count=2)
    assert few["items"] == 6


def test_answers_are_scored_with_interval_chance_and_agreement(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "r"
    assert run(["blind", "deal", str(folder), "-o", str(out), "--targets", str(folder / "targets.csv"), "--json"]) == 0
    capsys.readouterr()
    with pytest.raises(InputError, match="no answers"):
        score(out)
    answer(out)
    right = score(out)["readers"]["answers"]
    assert right["accuracy"]["value"] == 1.0 and right["shuffled"]["value"] < 0.6
    answer(out, "answers-second.csv", wrong=6)
    both = score(out)
    second = both["readers"]["answers-second"]
    assert second["accuracy"]["value"] == 0.5 and second["accuracy"]["low"] < 0.5 < second["accuracy"]["high"]
    assert 0 < both["alpha"] < 1 and both["chance"] == pytest.approx(1 / 3, abs=1e-3)
    assert json.loads((out / "blind.json").read_text()) == both
    assert run(["blind", "score", str(out)]) == 0
    assert "0.50 right" in capsys.readouterr().out


def test_bad_tables_and_folders_are_one_clear_line(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "r"
    deal(folder, out, targets=folder / "targets.csv")
    with pytest.raises(InputError, match="not empty"):
        deal(folder, out, targets=folder / "targets.csv")
    with pytest.raises(InputError, match="0 emotions"):
        deal(folder, tmp_path / "x")
    with pytest.raises(InputError, match="1 to 48"):
        deal(folder, tmp_path / "x", per_sheet=0)
    rows = list(csv.DictReader((out / "answers.csv").open()))
    (out / "answers.csv").write_text("number,answer\n" + "".join(f"{r['number']},joy\n" for r in rows[:-1]))
    with pytest.raises(InputError, match="lacks answers for 12"):
        score(out)
    (out / "answers.csv").write_text("number,answer\n" + "".join(f"{r['number']},joi\n" for r in rows))
    with pytest.raises(InputError, match="says 'joi'"):
        score(out)
    with pytest.raises(InputError, match="no key"):
        score(tmp_path)
