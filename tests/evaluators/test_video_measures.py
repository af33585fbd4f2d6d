"""Measures of a moving face: each against scipy, or against a signal made with a known answer; and of files with planted faults."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from scipy import signal

from genstudio import registry, scoring
from genstudio.cli import run
from genstudio.emotion import Emotion
from genstudio.errors import InputError, MediaError
from genstudio.evaluators.measures.video import blinks, head_motion, jitter, lip_closure, lips_closed, runs, steps
from genstudio.evaluators.video import read as reading
from genstudio.media.image import read_image
from genstudio.media.video import timed_frames, write_video
from genstudio.protocols import Motion, Reading, Span, Speech
from genstudio.signals.arkit import CHANNELS

FPS = 25.0


def lids(
    at: list[float], seconds: float = 20, length: float = 0.16, noise: float = 0.01, fps: float = FPS
) -> np.ndarray:
    """An open eye of 0.3 that drifts slowly, with blinks whose length at half depth is known."""
    t = np.arange(int(seconds * fps)) / fps
    y = 0.3 + 0.02 * np.sin(2 * np.pi * 0.1 * t)
    for a in at:
        y *= 1 - 0.9 * np.exp(-4 * np.log(2) * ((t - a) / length) ** 2)
    return y + noise * 0.3 * np.random.default_rng(0).standard_normal(len(t))


@pytest.mark.parametrize("fps", [25.0, 60.0])
def test_blinks_are_those_that_scipy_finds(fps: float) -> None:
    at = [1.5, 4.0, 9.2, 9.9, 15.0, 18.3]
    y = lids(at, fps=fps)
    found = blinks(y, fps)
    peaks, _ = signal.find_peaks(-y, prominence=0.12, distance=0.3 * fps)
    widths = signal.peak_widths(-y, peaks, rel_height=0.5)[0] / fps
    assert found.count == len(peaks) == len(at)
    assert np.allclose(found.at, peaks / fps, atol=1.01 / fps) and np.allclose(found.at, at, atol=1.01 / fps)
    assert found.per_minute == pytest.approx(len(at) * 3)
    assert found.seconds == pytest.approx(np.median(widths), abs=0.5 / fps) and found.seconds == pytest.approx(
        0.16, abs=0.02
    )


def test_closed_eyes_noise_and_missing_faces_are_no_blinks() -> None:
    y = lids([5.0])
    y[200:300] = 0.02  # four seconds of closed eyes
    assert blinks(y, FPS).at == pytest.approx((5.0,), abs=0.05)
    assert blinks(lids([], noise=0.05), FPS).count == 0
    y = lids([5.0, 12.0])
    y[120:130] = np.nan
    assert blinks(y, FPS).count == 1
    assert blinks(np.full(50, np.nan), FPS).count == 0 and blinks(np.full(50, np.nan), FPS).seconds is None


def test_head_motion_of_a_known_turn() -> None:
    t = np.arange(250) / FPS
    pose = np.radians(np.stack([10 * np.sin(2 * np.pi * 0.5 * t), np.zeros_like(t), np.full_like(t, 3.0)], 1))
    found = head_motion(pose, FPS)
    assert found.spread == pytest.approx((10 / np.sqrt(2), 0, 0), abs=0.05)
    assert found.span == pytest.approx((2 * 10 * np.sin(np.pi / 2 * 0.9), 0, 0), abs=0.2)
    assert found.speed == pytest.approx(4 * 10 * 0.5, rel=0.01)  # four amplitudes a period
    assert found.still < 0.05 and head_motion(np.zeros((9, 3)), FPS).still == 1.0
    with pytest.raises(InputError, match="two frames"):
        head_motion(np.full((5, 3), np.nan), FPS)


def test_jitter_is_the_power_above_seven_hertz() -> None:
    t = np.arange(500) / FPS
    slow, fast = np.sin(2 * np.pi * 1.3 * t), 0.02 * np.sin(2 * np.pi * 9 * t)
    points = np.zeros((500, 3, 2))
    points[:] = (slow + fast)[:, None, None]
    assert jitter(points, FPS) == pytest.approx(0.02, rel=0.03)  # of two axes, each 0.02 / sqrt(2)
    random = np.random.default_rng(1).standard_normal((2000, 4, 2)).cumsum(0) * 0.01 + np.random.default_rng(2).normal(
        0, 0.01, (2000, 4, 2)
    )
    sos = signal.butter(8, 7.0, "highpass", fs=FPS, output="sos")
    filtered = signal.sosfiltfilt(sos, random, axis=0)
    assert jitter(random, FPS) == pytest.approx(np.sqrt((filtered**2).sum(2).mean()), rel=0.06)
    f, p = signal.welch(random, FPS, window="hann", nperseg=50, detrend="linear", axis=0)
    whole = np.sqrt(2 * (p[f >= 7].sum(0) * (f[1] - f[0])).mean())
    assert jitter(random, FPS) == pytest.approx(whole, rel=0.03)
    assert jitter(points, 10.0) == 0.0
    with pytest.raises(InputError, match="8 or more"):
        jitter(points[:5], FPS)


def test_frozen_repeated_and_missing_frames() -> None:
    changes, times = np.ones(99), np.arange(100) / FPS
    assert steps(changes, times) == steps(changes * 5, times) and steps(changes, times).dropped == 0
    changes[[10, 50]] = 0.0  # two frames repeated
    changes[70:80] = 0.0  # 0.4 s of a still
    gap = times + 2 / FPS * (np.arange(100) > 30)
    found = steps(changes, gap)
    assert (found.missing, found.repeated, found.dropped) == (2, 2, 4)
    assert found.frozen_share == pytest.approx(10 / 99) and found.longest == pytest.approx(0.4)
    with pytest.raises(InputError, match="rise"):
        steps(np.ones(2), np.zeros(3))
    with pytest.raises(InputError, match="n - 1"):
        steps(np.ones(3), np.arange(3))


def test_lips() -> None:
    gap = np.full(100, 0.2)
    gap[[20, 60]] = 0.01
    gap[90] = np.nan
    assert lips_closed(gap) == pytest.approx(2 / 99)
    assert lip_closure(gap, FPS, [(0.78, 0.82), (2.39, 2.41), (1.5, 1.6)]) == pytest.approx(2 / 3)
    assert lip_closure(gap, FPS, [(9.0, 9.1)]) is None
    with pytest.raises(InputError):
        lips_closed(np.full(3, np.nan))


def test_runs_against_a_loop() -> None:
    on = np.random.default_rng(3).random(200) < 0.6
    found, start = [], None
    for i, x in enumerate([*on, False]):
        if x and start is None:
            start = i
        if not x and start is not None:
            found.append((start, i))
            start = None
    assert runs(on) == found


@pytest.fixture(scope="module")
def portrait() -> np.ndarray:
    path = next(iter(registry.load("head:embedded").portraits().values()))
    return read_image(path, 256)


def moving(portrait: np.ndarray, n: int) -> list[np.ndarray]:
    """The portrait gliding to the right, again and again."""
    return [np.roll(portrait, i % 8, axis=1) for i in range(n)]


def test_a_file_with_planted_faults(portrait: np.ndarray, tmp_path: Path) -> None:
    frames = moving(portrait, 30)
    frames[20:29] = [frames[20]] * 9
    path = tmp_path / "a.mp4"
    write_video(path, frames, (portrait.shape[1], portrait.shape[0]), fps=FPS)
    measures = registry.load("tool:video-measures")
    found = measures(path, (Span("m", 0.1, 0.2), Span("ˈa", 0.2, 0.3)))
    json.dumps(found)
    assert found["frames"] == 30 and found["fps"] == FPS and found["face_share"] == 1.0
    assert found["frozen_share"] == pytest.approx(8 / 29, abs=0.08) and found["longest_still"] >= 0.24
    assert found["missing"] == 0 and found["blinks"] == 0 and found["lips_met"] in (0.0, 1.0)
    assert found["head_span"][0] < 5 and found["jitter"] > 0.01
    assert [t for t, _ in timed_frames(path)] == pytest.approx([i / FPS for i in range(30)])


def test_what_a_drawn_head_does_is_found_in_its_video(tmp_path: Path) -> None:
    head = registry.load("head:embedded")
    t = np.arange(75) / FPS
    values = np.zeros((75, len(CHANNELS)), np.float32)
    blink = np.sum([np.exp(-4 * np.log(2) * ((t - a) / 0.16) ** 2) for a in (0.6, 2.0)], axis=0)
    values[:, [CHANNELS.index("eyeBlinkLeft"), CHANNELS.index("eyeBlinkRight")]] = blink[:, None]
    values[:, CHANNELS.index("headYaw")] = np.radians(5) * np.sin(2 * np.pi * t / 3)
    values[:, CHANNELS.index("jawOpen")] = 0.4 * (t > 1.5)
    picture = read_image(head.portraits()["portrait_1"])
    silence = Speech(np.zeros(72_000, np.float32), 24_000)
    made = head(picture, silence, Emotion.neutral(), size=256, motion=Motion(values, CHANNELS))
    write_video(tmp_path / "a.mp4", made.frames(), made.size)
    found = registry.load("tool:video-measures")(tmp_path / "a.mp4", (Span("m", 0.5, 0.6), Span("b", 2.0, 2.1)))
    assert found["blinks"] == 2 and found["blink_seconds"] == pytest.approx(0.16, abs=0.05)
    assert (
        found["head_span"][0] == pytest.approx(10, rel=0.4) and found["head_span"][2] < 3
    )  # the jaw reads as some pitch
    assert found["lips_closed"] == pytest.approx(0.5, abs=0.06) and found["lips_met"] == 0.5 and found["dropped"] == 0


def test_no_face_no_video(portrait: np.ndarray, tmp_path: Path) -> None:
    path = tmp_path / "grey.mp4"
    write_video(path, [np.full((64, 64, 3), 90, np.uint8)] * 12, (64, 64))
    found = reading.video_measures(path)
    assert found["face_share"] == 0 and found["jitter"] is None and found["blinks_a_minute"] is None
    assert found["frozen_share"] == 1.0 and found["lips_closed"] is None
    with pytest.raises(MediaError):
        reading.video_measures(tmp_path / "none.mp4")


def test_conflicts_are_told_and_json_holds_the_blocks(
    portrait: np.ndarray, tmp_path: Path, monkeypatch, capsys
) -> None:
    path = tmp_path / "a.mp4"
    write_video(path, moving(portrait, 6), (portrait.shape[1], portrait.shape[0]))
    sure = registry.load("evaluator:face").ceiling

    def read(*_: object) -> list[Reading]:
        return [
            Reading(m, m, 0.0, 0.0, 0.0, {k: 0.97, "neutral": 0.03}, "categories", sure)
            for m, k in (("face", "sadness"), ("speech", "joy"))
        ]

    monkeypatch.setattr(scoring, "evaluate_file", read)
    assert run(["evaluate", str(path), "--json"]) == 0
    out, err = capsys.readouterr()
    details = json.loads(out)[0]["details"]
    assert details["agreement"]["pairs"][0]["conflict"] and details["video"]["frames"] == 6
    assert "a happy voice with a sad face" in err
    assert scoring.agreement_in(path, read()[:1]) is None
