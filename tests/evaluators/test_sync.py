"""Lip sync: planted offsets are found, foreign lips and still mouths are not in sync."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from genstudio import Studio
from genstudio.errors import FaceError, MediaError
from genstudio.evaluators.sync.articulation import opening, openness
from genstudio.evaluators.sync.evaluator import SyncEvaluator, openings_of
from genstudio.protocols import Speech


@pytest.fixture(scope="module")
def judge() -> SyncEvaluator:
    return SyncEvaluator.load()


@pytest.fixture(scope="module")
def spoken() -> list[Speech]:
    studio = Studio(score=False)
    texts = (
        "My brother bought a big blue boat and moved to the bay by the pier.",
        "Nobody knows where the old man put the money last summer.",
    )
    return [studio.speak(t, "neutral", seed=i).output for i, t in enumerate(texts)]  # type: ignore[misc]


def lips(speech: Speech, seed: int = 0) -> np.ndarray:
    level = np.ones(100, np.float32)
    return opening(speech.phones, speech.duration, level, np.random.default_rng(seed))


def test_openness_follows_phonetics() -> None:
    assert openness("b") == openness("m") == 0 < openness("s") < openness("ɪ") < openness("ɛ") < openness("ɑ")


@pytest.mark.parametrize("shift", [-8, 0, 7])
def test_planted_offsets_are_found(judge: SyncEvaluator, spoken: list[Speech], shift: int) -> None:
    for speech in spoken:
        found = judge.read(np.roll(lips(speech), shift), 25.0, speech)
        assert found.offset_ms is not None and abs(found.offset_ms - 40 * shift) <= 80


def test_own_lips_beat_foreign_ones_and_still_mouths(judge: SyncEvaluator, spoken: list[Speech]) -> None:
    a, b = spoken
    n = min(len(lips(a)), len(lips(b)))
    own, foreign = judge.curve(lips(a)[:n], 25.0, a).max(), judge.curve(lips(b)[:n], 25.0, a).max()
    assert own > foreign + 0.05
    still = judge.read(np.full(n, 0.3, np.float32), 25.0, a)
    assert still.offset_ms is None and not still.in_sync


def test_the_talking_head_is_in_sync_and_shifted_sound_is_noticed(
    judge: SyncEvaluator, spoken: list[Speech], tmp_path: Path
) -> None:
    head = Studio(score=False).animate("portrait_2", spoken[0], "neutral", size=160, seed=1)
    found = judge.read_video(head.save(tmp_path / "h.mp4"))
    assert found.offset_ms is not None and abs(found.offset_ms) <= 80
    seen = openings_of(head.output.frames())  # type: ignore[union-attr]
    late = Speech(spoken[0].samples[7200:], 24_000)
    moved = judge.read(seen, 25.0, late)
    assert moved.offset_ms is not None and abs(moved.offset_ms - 300) <= 90


def test_bad_input(judge: SyncEvaluator) -> None:
    with pytest.raises(MediaError, match="too short"):
        judge.read(np.zeros(10, np.float32), 25.0, Speech(np.zeros(9600, np.float32), 24_000))
    with pytest.raises(FaceError, match="0 of 3"):
        openings_of([np.full((64, 64, 3), 127, np.uint8)] * 3)
