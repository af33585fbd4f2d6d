"""A video file to measures of its face and frames."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from genstudio import registry
from genstudio.errors import InputError, MediaError
from genstudio.media import video

from ..explain.face import measured
from ..measures.video import blinks, change, head_motion, jitter, lip_closure, lips_closed, runs, steps

if TYPE_CHECKING:
    from genstudio.protocols import Span

F64 = NDArray[np.float64]
MOST_SECONDS = 60.0  # of a video are looked at
_MOST_WAIT = 15  # frames until a face is searched again, after many searches in vain
LABIALS = ("m", "b", "p")  # phones that close the lips
_RIGID = (
    27,
    28,
    29,
    30,
    31,
    33,
    35,
    36,
    39,
    42,
    45,
)  # landmarks that neither speech nor lids move: nose, corners of the eyes


@dataclass(frozen=True)
class Curves:
    """Of a video, a row a frame; NaN where no face was seen. times: [n] seconds; changes: [n - 1], see `change`; lids, lips: [n]
    opening in eye distances; pose: [n, 3] radians; points: [n, 11, 2] rigid landmarks in eye distances."""

    times: F64
    changes: F64
    lids: F64
    lips: F64
    pose: F64
    points: F64


def curves(path: Path | str, most: float = MOST_SECONDS) -> Curves:
    """Follow the largest face through the first seconds of a video. Raises MediaError when there is no picture."""
    find = registry.load("faces:embedded")
    times: list[float] = []
    changes: list[float] = []
    lids: list[float] = []
    lips: list[float] = []
    pose: list[list[float]] = []
    points: list[F64] = []
    units: list[float] = []
    last, before, wait, misses = None, None, 0, 0
    for time, frame in video.timed_frames(path):
        if times and time - times[0] >= most:
            break
        times.append(time)
        if before is not None:
            changes.append(change(before, frame) if before.shape == frame.shape else 255.0)
        before = frame
        last = find.follow(frame, last) if last is not None else None
        if last is None and wait == 0:
            found = find(frame)
            last = found[0] if found else None
            misses = 0 if found else min(2 * misses + 1, _MOST_WAIT)
            wait = misses
        else:
            wait = max(0, wait - 1)
        if last is None:
            lids.append(np.nan)
            lips.append(np.nan)
            pose.append([np.nan] * 3)
            points.append(np.full((len(_RIGID), 2), np.nan))
            continue
        cues, p = measured(last.landmarks), np.asarray(last.landmarks, float)
        lids.append(cues["eye opening"])
        lips.append(cues["mouth opening"])
        pose.append([last.yaw, last.pitch, last.roll])
        points.append(p[list(_RIGID)])
        units.append(float(np.linalg.norm(p[36:42].mean(0) - p[42:48].mean(0))))
    if not times:
        raise MediaError(f"'{Path(path).name}' holds no frame")
    unit = float(np.median(units)) if units else 1.0
    arrays = (times, changes, lids, lips, pose, np.array(points) / unit)
    return Curves(*(np.array(a, np.float64) for a in arrays))


def video_measures(path: Path | str, phones: Sequence[Span] = ()) -> dict[str, Any]:
    """JSON-ready figures of the first minute of a video; None where there is nothing to measure.

    frames, fps, seconds: read. face_share: of frames with a face. frozen_share, longest_still (seconds), missing, repeated,
    dropped (frames): see `measures.video.Steps`. blinks, blinks_a_minute, blink_seconds. head_spread, head_span: degrees of yaw,
    pitch, roll; head_speed: degrees a second; head_still: share of steps. jitter: above 7 Hz, of nose and eye corners, in eye
    distances. lips_closed: share of frames; lips_met: share of the m, b and p among `phones` whose lips touch.
    Raises MediaError when the file cannot be read.
    """
    found = curves(path)
    gaps = np.diff(found.times)
    fps = float(1 / np.median(gaps)) if len(gaps) else video.probe(path).fps
    seen = np.isfinite(found.lids)
    out: dict[str, Any] = {"frames": len(seen), "fps": round(fps, 3), "seconds": round(len(seen) / fps, 2)}
    out["face_share"] = round(float(seen.mean()), 4)
    out |= _steps(found) | _blinks(found, fps) | _head(found, fps)
    out["jitter"] = _jitter(found.points[slice(*_longest(seen))], fps)
    out["lips_closed"] = round(lips_closed(found.lips), 4) if seen.any() else None
    labials = [(s.start, s.end) for s in phones if s.text.strip("ˈˌ") in LABIALS]
    met = lip_closure(found.lips, fps, labials) if labials else None
    out["lips_met"] = None if met is None else round(met, 4)
    return out


def _steps(c: Curves) -> dict[str, Any]:
    try:
        s = steps(c.changes, c.times)
    except InputError:  # time stamps that do not rise
        return dict.fromkeys(("frozen_share", "longest_still", "missing", "repeated", "dropped"))
    return {
        "frozen_share": round(s.frozen_share, 4), "longest_still": round(s.longest, 3), "missing": s.missing,
        "repeated": s.repeated, "dropped": s.dropped,
    }  # fmt: skip


def _blinks(c: Curves, fps: float) -> dict[str, Any]:
    b = blinks(c.lids, fps)
    seconds = None if b.seconds is None else round(b.seconds, 3)
    any_seen = bool(np.isfinite(c.lids).any())
    return {
        "blinks": b.count,
        "blinks_a_minute": round(b.per_minute, 2) if any_seen else None,
        "blink_seconds": seconds,
    }


def _head(c: Curves, fps: float) -> dict[str, Any]:
    try:
        h = head_motion(c.pose, fps)
    except InputError:
        return dict.fromkeys(("head_spread", "head_span", "head_speed", "head_still"))
    return {
        "head_spread": [round(v, 2) for v in h.spread], "head_span": [round(v, 2) for v in h.span],
        "head_speed": round(h.speed, 2), "head_still": round(h.still, 4),
    }  # fmt: skip


def _jitter(points: F64, fps: float) -> float | None:
    try:
        return round(jitter(points, fps), 5)
    except InputError:
        return None


def _longest(on: NDArray[np.bool_]) -> tuple[int, int]:
    """Start and end of the longest stretch that is True; (0, 0) without one."""
    return max(runs(on), key=lambda r: r[1] - r[0], default=(0, 0))
