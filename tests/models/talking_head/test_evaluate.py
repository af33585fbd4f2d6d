"""Evaluation of the talking head: its statistics and its tables, with a stand-in for engine and recogniser."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from genstudio.emotion import EKMAN, Emotion
from genstudio.models.talking_head import evaluate as ev
from genstudio.protocols import Motion, Speech


class Head:
    """Every frame holds the index of the emotion asked for."""

    def __call__(self, portrait: np.ndarray, speech: Speech, emotion: Emotion, **options: Any) -> Any:
        frames = options["motion"].values if "motion" in options else np.zeros((20, 1), np.float32)
        felt = emotion.ekman()
        picture = np.full((4, 4, 3), max(range(7), key=lambda k: felt.get(EKMAN[k], 0)), np.uint8)
        return SimpleNamespace(motion=Motion(frames, ("x",)), frames=lambda: iter([picture] * len(frames)))


def read(frames: Any, target: Emotion, role: str) -> Any:
    shown = [int(f[0, 0, 0]) for f in frames]
    assert len(shown) == 4
    seen = "neutral" if EKMAN[shown[0]] == "disgust" else EKMAN[shown[0]]
    return SimpleNamespace(categories={e: float(e == seen) for e in EKMAN}, valence=0.0, arousal=0.0)


def test_seven_counts_what_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ev.scoring, "read_face", read)
    rig = ev.Rig(Head(), [Speech(np.zeros(100, np.float32), 24000)], "steer", 64)
    rows, videos = ev.seven(rig, {"a": np.zeros((4, 4, 3), np.uint8), "london_1": np.zeros((4, 4, 3), np.uint8)})
    recall = {r.condition: r.value for r in rows if r.measure == "recall"}
    assert recall["joy"] == 1.0
    assert recall["disgust"] == 0.0
    total = next(r for r in rows if r.condition == "all portraits")
    assert total.value == pytest.approx(6 / 7)
    assert total.n == len(videos) == 14
    assert any(r.condition == "disgust read as neutral" and r.value == 2 for r in rows)


def test_interval_resamples_portraits() -> None:
    right = np.zeros((7, 10), bool)
    right[:, :5] = True
    low, high = ev.interval(right)
    assert 0.1 < low < 0.5 < high < 0.9
    assert ev.interval(np.ones((7, 4), bool)) == (1.0, 1.0)


def test_tables_are_written(tmp_path: Path) -> None:
    ev.write(tmp_path / "x.csv", [ev.Row("recall", "joy", 0.5, 4, 0.1, 0.9)], [{"asked": "joy"}], {"size": 256})
    assert (tmp_path / "x.csv").read_text().splitlines()[1] == "recall,joy,0.5,0.1,0.9,4"
    assert json.loads((tmp_path / "x.json").read_text())["videos"] == [{"asked": "joy"}]


def test_demo_portraits_without_the_data(tmp_path: Path) -> None:
    assert len(ev.portraits(tmp_path, 3)) == 6
