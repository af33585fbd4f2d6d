"""Which emotion when: segments, EDER, the timeline of a recording and of a video."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from genstudio import Emotion, EmotionCurve, Studio
from genstudio.cli import run
from genstudio.emotion import EKMAN
from genstudio.errors import InputError
from genstudio.evaluators.timeline import Segment, eder, emotion_errors, segments_of, shuffled, timeline, wanted


def test_eder_by_hand() -> None:
    """10 s: 2 s false alarm, 1 s missed, 2 s confused, 1 s overlap: 0.6."""
    asked = [Segment("neutral", 0, 3), Segment("joy", 3, 8), Segment("fear", 8, 10)]
    read = [
        Segment("neutral", 0, 1), Segment("joy", 1, 4), Segment("neutral", 4, 5), Segment("joy", 5, 7), Segment("anger", 6, 7),
        Segment("anger", 7, 8), Segment("fear", 8, 9), Segment("sadness", 9, 10),
    ]  # fmt: skip
    e = emotion_errors(asked, read)
    assert (e.false_alarm, e.missed, e.confused, e.overlap, e.total) == (2, 1, 2, 1, 10)
    assert eder(asked, read) == pytest.approx(0.6)
    assert eder(asked, asked) == 0
    with pytest.raises(InputError, match="nothing"):
        emotion_errors([], [])


def test_eder_is_the_frame_error_without_overlap() -> None:
    """Independent: labels drawn on a 10 ms grid, counted."""
    random = np.random.default_rng(3)

    def draw() -> tuple[list[Segment], np.ndarray]:
        cuts = np.unique(np.r_[0, random.integers(1, 500, 6), 500])
        names = random.integers(0, 7, len(cuts) - 1)
        grid = np.repeat(names, np.diff(cuts))
        return [Segment(EKMAN[k], a / 100, b / 100) for k, a, b in zip(names, cuts, cuts[1:], strict=False)], grid

    for _ in range(5):
        (asked, x), (read, y) = draw(), draw()
        assert eder(asked, read) == pytest.approx((x != y).mean())


def test_chance_is_worse_than_right() -> None:
    asked = [Segment("joy", 0, 2), Segment("sadness", 2, 4)]
    assert shuffled(asked, asked) == pytest.approx(6 / 7, abs=0.08)


def test_segments_join_what_is_too_short_and_follow_a_curve() -> None:
    p = np.eye(7)[[0] * 10 + [3] + [0] * 9 + [4] * 20]
    found = segments_of([0.1 * k for k in range(40)], p, 4.0)
    assert [(s.emotion, s.start, s.end) for s in found] == [("anger", 0.0, 2.0), ("sadness", 2.0, 4.0)]
    curve = EmotionCurve((0.0, 1.5), (Emotion.parse("fear"), Emotion.parse("joy")), "hold")
    asked = wanted(curve, 3.0)
    assert [s.emotion for s in asked] == ["fear", "joy"] and asked[0].end == pytest.approx(1.5, abs=0.05)


@pytest.fixture(scope="module")
def spoken():
    text = (
        "[sadness] I waited for you all night long, and nobody came. [anger] But then you stood there laughing at me!"
    )
    return Studio(score=False).speak(text, seed=3)


def test_a_voice_that_changes_is_read_better_than_chance(spoken) -> None:
    speech = spoken.output
    found = timeline(speech, speech.curve)
    assert found.errors is not None and found.chance is not None
    assert found.errors.rate < found.chance
    assert found.fused.shape == (len(found.times), 7) and np.allclose(found.fused.sum(1), 1)
    assert found.segments[0].start == 0 and found.segments[-1].end == pytest.approx(speech.duration, abs=0.01)
    assert json.loads(json.dumps(found.as_dict()))["errors"]["eder"] == round(found.errors.rate, 4)


def test_command_with_sidecar_curve_video_and_bad_input(
    spoken, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wav = spoken.save(tmp_path / "a.wav")
    assert run(["timeline", str(wav), "-o", str(tmp_path / "a.html")]) == 0
    captured = capsys.readouterr()
    assert "diarization error rate" in captured.err and "sadness" in captured.out
    page = (tmp_path / "a.html").read_text()
    assert "<svg" in page and "asked" in page and "http" not in page.replace("http-equiv", "")
    assert run(["timeline", str(wav), "--curve", "joy@0", "-o", str(tmp_path / "a.csv"), "--json"]) == 0
    rows = (tmp_path / "a.csv").read_text().splitlines()
    assert rows[0].startswith("time,anger") and len(rows) > 40
    head = Studio(score=False).animate("portrait_2", text="Hello there, my friend.", emotion="joy", size=96, seed=1)
    video = head.save(tmp_path / "h.mp4")
    capsys.readouterr()
    assert run(["timeline", str(video), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert set(found["parts"]) == {"face", "speech"} and found["errors"] is not None
    assert run(["timeline", str(wav), "--curve", "joy"]) == 2
    assert "EMOTION@SECONDS" in capsys.readouterr().err
    (tmp_path / "t.txt").write_text("hello")
    assert run(["timeline", str(tmp_path / "t.txt")]) == 2
    assert "no time in it" in capsys.readouterr().err
