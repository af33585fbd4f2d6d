"""Facial motion out of a video: landmarks followed from frame to frame, the morphable face fitted to them."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from genstudio.errors import MediaError

from .combine import PARTS, at_rate, blend_parts

if TYPE_CHECKING:
    from genstudio.protocols import Motion

__all__ = ["PARTS", "at_rate", "blend_parts", "read_driver"]


def read_driver(path: Path | str) -> Motion:
    """Motion of a driver: a video of a face, a Live Link Face CSV, or .npz as `--motion` writes it. Raises MediaError."""
    path = Path(path)
    if not path.is_file():
        raise MediaError(f"there is no file '{path}' to drive the head; give a video, a Live Link CSV or .npz motion")
    return _read(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=4)
def _read(path: Path, stamp: int) -> Motion:
    from genstudio.media.video import SUFFIXES

    from ..motion.export import import_livelink_csv, import_npz
    from .track import track_video

    suffix = path.suffix.lower()
    if suffix == ".csv":
        return import_livelink_csv(path)
    if suffix == ".npz":
        return import_npz(path)
    if suffix in SUFFIXES:
        return track_video(path)
    raise MediaError(f"'{path.name}' cannot drive a head; valid: a video ({', '.join(SUFFIXES)}), .csv, .npz")
