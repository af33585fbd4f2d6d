"""Motion to and from files: the CSV that Live Link Face writes, and .npz."""

from __future__ import annotations

import csv
import logging
from pathlib import Path

import numpy as np

from genstudio.errors import MediaError, OutputError
from genstudio.protocols import Motion
from genstudio.signals.arkit import BLENDSHAPES, CHANNELS, HEAD

logger = logging.getLogger(__name__)

_EYES = ("leftEyeYaw", "leftEyePitch", "leftEyeRoll", "rightEyeYaw", "rightEyePitch", "rightEyeRoll")
LIVELINK: tuple[str, ...] = BLENDSHAPES + HEAD + _EYES
"""The 61 channels of a Live Link Face take, in its order (eye roll is always 0 here)."""


def _title(name: str) -> str:
    return name[0].upper() + name[1:]


def export_livelink_csv(motion: Motion, path: Path | str) -> int:
    """Write a Live Link Face CSV: timecode, channel count, 61 channels a frame.

    Coefficients are bounded to 0..1, as that format holds no more; head shifts have no column in it. Returns how many values were
    bounded (0 when nothing was lost); a warning is logged when there are any.
    """
    column = {c: i for i, c in enumerate(motion.channels)}
    values = np.zeros((len(motion.values), len(LIVELINK)), np.float32)
    for k, name in enumerate(LIVELINK):
        if name in column:
            values[:, k] = motion.values[:, column[name]]
    face = values[:, : len(BLENDSHAPES)]
    bounded = int(((face < 0) | (face > 1)).sum())
    if bounded:
        logger.warning("%d coefficients outside 0..1 were bounded for the Live Link CSV", bounded)
    np.clip(face, 0, 1, out=face)
    try:
        with Path(path).open("w", newline="", encoding="ascii") as f:
            writer = csv.writer(f)
            writer.writerow(["Timecode", "BlendshapeCount", *map(_title, LIVELINK)])
            for k, row in enumerate(values):
                writer.writerow([timecode(k, motion.fps), len(LIVELINK), *(f"{v:.8f}" for v in row)])
    except OSError as error:
        raise OutputError(f"cannot write '{path}': {error.strerror}") from None
    return bounded


def import_livelink_csv(path: Path | str) -> Motion:
    """Read a Live Link Face CSV (any that names its columns); the frame rate comes from its timecodes."""
    try:
        with Path(path).open(newline="", encoding="utf-8-sig") as f:
            rows = list(csv.reader(f))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise MediaError(f"cannot read '{path}' as a Live Link Face CSV: {error}") from None
    if len(rows) < 2:
        raise MediaError(
            f"'{path}' has no frames; expected a Live Link Face CSV with a header line and one line a frame"
        )
    at = {name.strip()[:1].lower() + name.strip()[1:]: i for i, name in enumerate(rows[0])}
    if "jawOpen" not in at:
        raise MediaError(f"'{path}' names no 'JawOpen' column; expected a Live Link Face CSV")
    body = [r for r in rows[1:] if len(r) >= len(rows[0])]
    values = np.zeros((len(body), len(CHANNELS)), np.float32)
    try:
        for k, name in enumerate(CHANNELS):
            if name in at:
                values[:, k] = [float(r[at[name]]) for r in body]
        seconds = [_seconds(r[at["timecode"]]) for r in body] if "timecode" in at else []
    except ValueError as error:
        raise MediaError(f"'{path}' holds a value that is no number: {error}") from None
    if not np.isfinite(values).all():
        raise MediaError(f"'{path}' holds values that are not finite")
    return Motion(values, CHANNELS, _rate(seconds))


def timecode(frame: int, fps: float) -> str:
    """hh:mm:ss:ff.fff as Live Link Face writes it.

    >>> timecode(51, 25.0)
    '00:00:02:01.000'
    """
    whole = round(fps)
    s, f = divmod(frame, whole)
    return f"{s // 3600:02d}:{s // 60 % 60:02d}:{s % 60:02d}:{f:02d}.000"


def _seconds(code: str) -> tuple[int, float]:
    h, m, s, f = code.split(":")
    return int(h) * 3600 + int(m) * 60 + int(s), float(f)


def _rate(codes: list[tuple[int, float]]) -> float:
    """Frames a second: the most frames seen within one whole second, among the rates cameras have."""
    if len(codes) < 2:
        return 25.0
    most = max(f for _, f in codes)
    if codes[-1][0] == codes[0][0]:
        most = max(most, 24.0)
    return float(min((24, 25, 30, 50, 60), key=lambda r: abs(r - 1 - int(most))))


def export_npz(motion: Motion, path: Path | str) -> None:
    """Write values [frames, 62] float32, channels and fps, unbounded."""
    try:
        np.savez_compressed(
            str(path), values=motion.values, channels=np.array(motion.channels), fps=np.float32(motion.fps)
        )
    except OSError as error:
        raise OutputError(f"cannot write '{path}': {error.strerror}") from None


def import_npz(path: Path | str) -> Motion:
    """Read what `export_npz` wrote."""
    try:
        with np.load(path) as z:
            return Motion(z["values"].astype(np.float32), tuple(map(str, z["channels"])), float(z["fps"]))
    except (OSError, KeyError, ValueError) as error:
        raise MediaError(f"cannot read '{path}' as motion: {error}") from None
