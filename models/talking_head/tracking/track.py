"""A video to motion: follow the face, find its rest, solve every frame, smooth."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genstudio.errors import FaceError, MediaError
from genstudio.media.rates import VIDEO_FPS
from genstudio.protocols import Motion
from genstudio.signals.arkit import CHANNELS

from ..animator import face_model
from .gaze import gaze_of
from .solve import Person, Solver

log = logging.getLogger(__name__)
MAX_SECONDS = 600.0
_LEAST_SEEN = 0.3  # share of the frames that must show a face
_REST_SHARE = 0.15  # calmest frames that make the face at rest
F64 = NDArray[np.float64]


def track_video(path: Path | str, progress: Callable[[float], None] | None = None) -> Motion:
    """Motion at 25 fps of the largest face in a video. Raises MediaError, FaceError.

    What is not seen (face lost for a moment) is interpolated. Coefficients are relative to the calmest frames, head motion to
    their pose, so that they move another face from its own rest.
    """
    from genstudio.media import video

    info = video.probe(path)
    if info.seconds > MAX_SECONDS:
        raise MediaError(f"the video lasts {info.seconds:.0f} s; at most {MAX_SECONDS:.0f} s can drive a head")
    return track(video.read_frames(path), info.fps, info.frames, progress)


def track(
    frames: Iterable[NDArray[np.uint8]], fps: float, count: int = 0, progress: Callable[[float], None] | None = None
) -> Motion:
    """As `track_video`, from uint8 [h, w, 3] RGB frames at `fps`."""
    from genstudio import registry

    finder = registry.load("faces:embedded")
    last: Any = None
    marks: list[F64 | None] = []
    eyes: list[tuple[float, float] | None] = []
    for n, frame in enumerate(frames):
        last = finder.follow(frame, last) if last is not None else None
        if last is None:
            found = finder(frame)
            last = found[0] if found else None
        marks.append(None if last is None else np.asarray(last.landmarks, np.float64))
        eyes.append(None if last is None else gaze_of(frame, last.landmarks))
        if progress is not None and count:
            progress(min(0.8 * (n + 1) / count, 0.8))
    seen = [k for k, m in enumerate(marks) if m is not None]
    if len(seen) < max(2, _LEAST_SEEN * len(marks)):
        raise FaceError(
            f"a face was seen in {len(seen)} of {len(marks)} frames; a driving video shows one from the front throughout"
        )
    if len(seen) < len(marks):
        log.warning("the face was lost in %d of %d frames; they are interpolated", len(marks) - len(seen), len(marks))
    points = np.stack([marks[k] for k in seen])  # type: ignore[misc]
    points = _calm(points)
    model = face_model.load()
    solver = Solver.of(model, Person.of(model, _rest(points)))
    values = np.stack([solver(p) for p in points])
    looks = np.array([eyes[k] if eyes[k] is not None else (np.nan, np.nan) for k in seen], np.float64)
    values = _looking(values, looks)
    return _resampled(values, np.array(seen), len(marks), fps)


def _calm(points: F64) -> F64:
    """Light smoothing in time against the jitter of single frames: quadratic over five, which keeps blinks."""
    from scipy.signal import savgol_filter

    return savgol_filter(points, 5, 2, axis=0) if len(points) >= 5 else points


def _rest(points: F64) -> F64:
    """The face at rest: the median of the calmest frames, each brought to a common place and size.

    Calm is a mouth closed and narrow to its median, and eyes open.
    """
    centre = points[:, 27:36].mean(1, keepdims=True)
    size = np.linalg.norm(points[:, 36:42].mean(1) - points[:, 42:48].mean(1), axis=1)
    gap = np.linalg.norm(points[:, 62] - points[:, 66], axis=1) / size
    wide = np.abs(np.linalg.norm(points[:, 54] - points[:, 48], axis=1) / size)
    lids = np.linalg.norm(points[:, 37] - points[:, 41], axis=1) + np.linalg.norm(points[:, 44] - points[:, 46], axis=1)
    lids = lids / size
    cost = (gap - gap.min()) + np.abs(wide - np.median(wide)) + np.maximum(np.median(lids) - lids, 0)
    best = np.argsort(cost, kind="stable")[: max(1, round(_REST_SHARE * len(points)))]
    common = (points[best] - centre[best]) / size[best, None, None]
    return np.median(common, 0) * np.median(size[best]) + np.median(centre[best], 0)


def _looking(values: NDArray[np.float32], looks: F64) -> NDArray[np.float32]:
    """Gaze channels from the pupils, both eyes together, relative to their median."""
    good = np.isfinite(looks).all(1)
    if good.sum() < 3:
        return values
    middle = np.median(looks[good], 0)
    at = {name: k for k, name in enumerate(CHANNELS)}
    index = np.arange(len(looks))
    for axis, names in enumerate((("leftEyeYaw", "rightEyeYaw"), ("leftEyePitch", "rightEyePitch"))):
        turned = np.interp(index, index[good], looks[good, axis] - middle[axis])
        for name in names:
            values[:, at[name]] = np.clip(turned, -0.5, 0.5)
    return values


def _resampled(values: NDArray[np.float32], seen: NDArray[np.int64], count: int, fps: float) -> Motion:
    times = seen / fps
    frames = max(1, round(count / fps * VIDEO_FPS))
    wanted = np.arange(frames) / VIDEO_FPS
    out = np.stack([np.interp(wanted, times, values[:, k]) for k in range(values.shape[1])], 1)
    return Motion(out.astype(np.float32), CHANNELS, float(VIDEO_FPS))
