"""Facial motion by diffusion: from speech and an emotion curve to 62 channels at 25 fps.

from genstudio.models.talking_head.motion import MotionModel
motion = MotionModel.load()(speech, emotion, seed=1)
"""

from __future__ import annotations

from .export import LIVELINK, export_livelink_csv, export_npz, import_livelink_csv, import_npz

__all__ = ["LIVELINK", "MotionModel", "export_livelink_csv", "export_npz", "import_livelink_csv", "import_npz"]


def __getattr__(name: str) -> object:
    if name == "MotionModel":  # needs torch: loaded when first asked for
        from .model import MotionModel

        return MotionModel
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
