"""Measures of a face that moves, from what was found in its frames: blinks, head motion, jitter, frozen and lost frames, lips.

Pure functions of curves: `evaluators.video` takes the curves from a file. A frame without a face is NaN in them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genstudio.errors import InputError

F64 = NDArray[np.float64]
BLINK_SECONDS = (0.05, 0.6)  # at half depth; people's last 0.1 to 0.4 s (Schiffman 2001), longer is a closed eye
BLINK_DEPTH = 0.15  # of the opening around it that a blink takes at least: trackers of landmarks understate closed lids
BLINK_NOISE = 5.0  # times the curve's own trembling that it takes at least
JITTER_ABOVE = 7.0  # Hz: the rapid head movements of talk reach 7 (Hadar et al. 1983)
CODING = 4  # grey levels by which a coder alone changes a pixel
IDENTICAL = 0.003  # mean change beyond CODING of a frame that is its predecessor again (H.264 of stills 0.0005, of talk from 0.006)
MOVING = 0.05  # mean change of a picture in motion (of 95 % of the steps of talking heads)
FROZEN_SECONDS = 0.2  # identical for so long is a picture that stands; shorter, amid motion, a frame shown again
LIPS_CLOSED = 0.03  # eye distances between the inner lips


@dataclass(frozen=True)
class Blinks:
    """count; per_minute of seen time; seconds: median length at half depth, None without a blink; at: seconds of each one's lowest
    point."""

    count: int
    per_minute: float
    seconds: float | None
    at: tuple[float, ...]


@dataclass(frozen=True)
class HeadMotion:
    """Of yaw, pitch, roll, degrees each: spread (standard deviation), span (5th to 95th percentile); speed: mean turning, degrees a
    second, of all three together; still: share of steps slower than 1 degree a second."""

    spread: tuple[float, float, float]
    span: tuple[float, float, float]
    speed: float
    still: float


@dataclass(frozen=True)
class Steps:
    """What the pictures and their time stamps say. missing: frames left out between time stamps; repeated: frames shown again, amid
    motion, for lost ones; frozen_share: 0..1 of the steps in stretches that stand still; longest: seconds of the longest one."""

    missing: int
    repeated: int
    frozen_share: float
    longest: float

    @property
    def dropped(self) -> int:
        """Frames lost, by time stamps and by repetition."""
        return self.missing + self.repeated


def blinks(opening: Sequence[float] | NDArray[Any], fps: float) -> Blinks:
    """Quick closures of the lids. opening: [n], distance between the lids in any unit, NaN where no face was seen.

    The open eye is the 80th percentile over the second on either side, and at least three quarters of that of all. A blink falls
    by 15 % of it and by five times the curve's own trembling (median absolute deviation), and lasts 0.05 to 0.6 s at half its
    depth. Raises InputError for a frame rate or curve that is none.
    """
    x = _curve(opening, fps)
    seen = np.isfinite(x)
    if seen.sum() < 3:
        return Blinks(0, 0.0, None, ())
    y = np.interp(np.arange(len(x)), np.flatnonzero(seen), x[seen])
    half = max(2, round(fps))
    wide = np.lib.stride_tricks.sliding_window_view(
        np.pad(y, half, mode="reflect" if len(y) > half else "edge"), 2 * half + 1
    )
    open_eye = np.maximum(np.percentile(wide, 80, axis=1), 0.75 * np.percentile(y, 80))
    depth = 1 - y / np.maximum(open_eye, 1e-9)
    found: list[int] = []
    lengths: list[float] = []
    trembling = 1.4826 * float(np.median(np.abs(depth - np.median(depth))))
    for start, end in runs(depth >= max(BLINK_DEPTH, BLINK_NOISE * trembling)):
        at = start + int(np.argmax(depth[start:end]))
        level = depth[at] / 2
        left, right = _crossing(depth, at, -1, level), _crossing(depth, at, 1, level)
        seconds = (left + right) / fps
        if BLINK_SECONDS[0] <= seconds <= BLINK_SECONDS[1] and seen[at] and (not found or at - found[-1] > 0.1 * fps):
            found.append(at)
            lengths.append(seconds)
    minutes = seen.sum() / fps / 60
    return Blinks(
        len(found),
        float(len(found) / minutes),
        float(np.median(lengths)) if found else None,
        tuple(round(i / fps, 3) for i in found),
    )


def _crossing(depth: F64, peak: int, way: int, level: float) -> float:
    """Frames from a peak to where the curve falls below a level, interpolated; to the edge when it does not."""
    k = peak
    while 0 <= k + way < len(depth) and depth[k] >= level:
        k += way
    if depth[k] >= level:
        return float(abs(k - peak))
    before = depth[k - way]
    return abs(k - way - peak) + float((before - level) / max(before - depth[k], 1e-12))


def head_motion(pose: NDArray[Any], fps: float) -> HeadMotion:
    """How the head turns. pose: [n, 3] yaw, pitch, roll in radians, rows of NaN where no face was seen. n >= 2 of them seen."""
    p = np.degrees(np.asarray(pose, np.float64))
    if p.ndim != 2 or p.shape[1] != 3 or not fps > 0:
        raise InputError(f"head pose is [frames, 3] in radians at a frame rate above 0; got {list(p.shape)} at {fps}")
    seen = p[np.isfinite(p).all(1)]
    step = np.linalg.norm(np.diff(p, axis=0), axis=1) * fps
    step = step[np.isfinite(step)]
    if len(seen) < 2 or not len(step):
        raise InputError("head motion needs a face in at least two frames that follow each other")
    low, high = np.percentile(seen, [5, 95], axis=0)
    spread, span = seen.std(0), high - low
    return HeadMotion(
        (float(spread[0]), float(spread[1]), float(spread[2])), (float(span[0]), float(span[1]), float(span[2])),
        float(step.mean()), float((step < 1.0).mean()),
    )  # fmt: skip


def jitter(points: NDArray[Any], fps: float, above: float = JITTER_ABOVE) -> float:
    """Trembling: RMS of points' movement above a frequency, in the unit of `points`, over points and both axes together.

    points: [n, k, 2], n >= 8 frames that follow each other, all seen. By Hann windows of about 2 s that overlap by half (Welch
    1967). 0 when the frame rate shows nothing so fast.
    """
    x = np.asarray(points, np.float64)
    if x.ndim != 3 or x.shape[2] != 2 or len(x) < 8 or not np.isfinite(x).all() or not fps > 0:
        raise InputError(f"jitter needs points [8 or more frames, points, 2], all finite; got {list(x.shape)}")
    n = min(len(x), max(8, round(2 * fps)))
    window = np.hanning(n + 2)[1:-1]
    fast = np.fft.rfftfreq(n, 1 / fps) >= above
    twice = np.where((np.arange(len(fast)) == 0) | ((n % 2 == 0) & (np.arange(len(fast)) == len(fast) - 1)), 1.0, 2.0)
    line = np.stack([np.ones(n), np.linspace(-1, 1, n)], 1)
    powers = []
    for start in range(0, len(x) - n + 1, max(1, n // 2)):
        part = x[start : start + n].reshape(n, -1)
        part = part - line @ np.linalg.lstsq(line, part, rcond=None)[0]
        spectrum = np.abs(np.fft.rfft(part * window[:, None], axis=0)) ** 2
        powers.append((spectrum * (twice * fast)[:, None]).sum(0) / (n * (window**2).sum()))
    return float(np.sqrt(2 * np.mean(powers)))  # two axes


def change(before: NDArray[np.uint8], after: NDArray[np.uint8]) -> float:
    """0..251: mean over pixels and channels of the absolute change beyond `CODING` levels, of two uint8 frames of one shape."""
    away = np.abs(before.astype(np.int16) - after)
    return float(np.maximum(away - CODING, 0).mean())


def steps(changes: NDArray[Any], times: NDArray[Any]) -> Steps:
    """Frozen and lost frames. changes: [n - 1], of each pair of frames the mean of what pixels change beyond `CODING` grey
    levels (`change`); times: [n] seconds.

    Raises InputError when the lengths do not fit or time does not go on.
    """
    c, t = np.asarray(changes, np.float64), np.asarray(times, np.float64)
    if c.ndim != 1 or t.shape != (len(c) + 1,):
        raise InputError(f"n times and n - 1 changes are needed; got {t.shape} and {c.shape}")
    if not len(c):
        return Steps(0, 0, 0.0, 0.0)
    gaps = np.diff(t)
    if not (gaps > 0).all():
        raise InputError("the frames' times do not rise")
    usual = float(np.median(gaps))
    missing = int(np.maximum(np.round(gaps / usual) - 1, 0).sum())
    repeated, frozen, longest = 0, 0, 0.0
    for start, end in runs(c < IDENTICAL):
        seconds = float(t[end] - t[start])
        if seconds >= FROZEN_SECONDS - 1e-9:
            frozen += end - start
            longest = max(longest, seconds)
        elif start > 0 and end < len(c) and min(c[start - 1], c[end]) >= MOVING:
            repeated += end - start
    return Steps(missing, repeated, frozen / len(c), longest)


def lips_closed(gap: NDArray[Any], closed: float = LIPS_CLOSED) -> float:
    """Share of the seen frames in which the lips touch. gap: [n] between the inner lips, eye distances, NaN without a face."""
    x = np.asarray(gap, np.float64)
    x = x[np.isfinite(x)]
    if not len(x):
        raise InputError("no frame shows lips")
    return float((x < closed).mean())


def lip_closure(
    gap: NDArray[Any], fps: float, spans: Sequence[tuple[float, float]], closed: float = LIPS_CLOSED
) -> float | None:
    """Share of spans (seconds from, to: of m, b and p) in which the lips touch at least once; None without a span inside the video.

    A frame either side counts: phone times and frames are only so exact.
    """
    x = _curve(gap, fps)
    met = []
    for start, end in spans:
        part = x[max(0, int(np.floor(start * fps)) - 1) : int(np.ceil(end * fps)) + 2]
        part = part[np.isfinite(part)]
        if len(part):
            met.append(bool(part.min() < closed))
    return float(np.mean(met)) if met else None


def _curve(x: Sequence[float] | NDArray[Any], fps: float) -> F64:
    y = np.asarray(x, np.float64)
    if y.ndim != 1 or not len(y) or not fps > 0 or np.isinf(y).any():
        raise InputError(f"a curve [n >= 1] at a frame rate above 0 is needed; got shape {list(y.shape)} at {fps}")
    return y


def runs(on: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Start and end (exclusive) of every stretch that is True."""
    edges = np.diff(np.concatenate([[0], on.astype(np.int8), [0]]))
    return list(zip(np.flatnonzero(edges == 1).tolist(), np.flatnonzero(edges == -1).tolist(), strict=True))
