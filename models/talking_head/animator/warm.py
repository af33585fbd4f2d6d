"""Compiles and caches the animator's loops: about ten seconds once, after installing."""

from __future__ import annotations

import numpy as np

from genstudio.protocols import Face
from genstudio.signals.arkit import CHANNELS


def warm() -> None:
    """Draws a frame of the bare face model over grey, through every compiled loop."""
    from . import face_model
    from .animator import Animator

    model = face_model.load()
    marks = (model.neutral[model.landmarks, :2] * [5.0, -5.0] + [128, 128]).astype(np.float32)
    face = Face((30.0, 60.0, 226.0, 220.0), marks, 1.0)
    values = np.full(len(CHANNELS), 0.1, np.float32)
    Animator(np.full((256, 256, 3), 128, np.uint8), face, 64).frame(values)
