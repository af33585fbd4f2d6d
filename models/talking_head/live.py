"""Rows of `python -m genstudio.models.talking_head.evaluate --only driven stream`: motion planted in a video and found again by
driving, and how soon a stream shows the first frame of a sound."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from genstudio.emotion import Emotion
from genstudio.media.rates import VIDEO_FPS
from genstudio.protocols import Motion, Speech
from genstudio.signals.arkit import CHANNELS

from .animator import Animator
from .motion.model import MotionModel
from .streaming import LOOKAHEAD, stream
from .tracking.track import track

if TYPE_CHECKING:
    from .evaluate import Row

U8 = NDArray[np.uint8]
PLANTED = (
    "jawOpen",
    "mouthSmileLeft",
    "eyeBlinkRight",
    "browInnerUp",
    "browDownLeft",
    "headYaw",
    "headRoll",
    "leftEyeYaw",
)
CHUNK = 0.1  # seconds of sound that arrive at once


def planted(frames: int = 75) -> Motion:
    """A motion whose parts move at paces of their own: jaw, smile, a blink, brows up and down, head, gaze."""
    t = np.arange(frames) / VIDEO_FPS
    values = np.zeros((frames, len(CHANNELS)), np.float32)
    for names, x in (
        (["jawOpen"], 0.25 * (1 - np.cos(2 * np.pi * 2 * t)) * (t > 1.2)),
        (["mouthSmileLeft", "mouthSmileRight"], 0.4 * (1 - np.cos(2 * np.pi * 0.8 * t))),
        (["eyeBlinkLeft", "eyeBlinkRight"], np.exp(-(((t - 0.9) / 0.08) ** 2))),
        (["browInnerUp"], 0.4 * (1 - np.cos(2 * np.pi * 0.7 * t)) * (t < 1.43)),
        (["browDownLeft", "browDownRight"], 0.35 * (1 - np.cos(2 * np.pi * 0.7 * t)) * (t >= 1.43)),
        (["headYaw"], 0.2 * np.sin(2.6 * t)), (["headRoll"], 0.08 * np.sin(3.4 * t)), (["headX"], 0.05 * np.sin(2.2 * t)),
        (["leftEyeYaw", "rightEyeYaw"], 0.3 * np.sin(5 * t)),
    ):  # fmt: skip
        for name in names:
            values[:, CHANNELS.index(name)] = x
    return Motion(values, CHANNELS)


def driven(faces: dict[str, U8], size: int = 256) -> list[Row]:
    """Correlation of planted and found motion, a row a channel, mean of the portraits."""
    from .evaluate import Row

    true = planted()
    at = [CHANNELS.index(name) for name in PLANTED]
    found = []
    for portrait in faces.values():
        got = track(Animator(portrait, size=size).frames(true), float(VIDEO_FPS))
        found.append([np.corrcoef(true.values[:, k], got.values[:, k])[0, 1] for k in at])
    return [
        Row("driven by a video: correlation", name, float(r), len(faces))
        for name, r in zip(PLANTED, np.mean(found, axis=0), strict=True)
    ]


def streamed(portrait: U8, speech: Speech, size: int = 256, rounds: int = 5) -> list[Row]:
    """Median seconds from the arrival of the sound that makes the first frame possible until it is drawn."""
    from .evaluate import Row

    model, animator = MotionModel.load(), Animator(portrait, size=size)
    step = round(CHUNK * speech.rate)
    chunks = [speech.samples[i : i + step] for i in range(0, len(speech.samples), step)]
    waits = [
        next(stream(model, animator, iter(chunks), speech.rate, Emotion.parse("joy"), seed=k)).latency
        for k in range(rounds + 1)
    ][1:]  # the first compiles
    ahead = LOOKAHEAD / VIDEO_FPS
    return [
        Row("stream: first frame, seconds", f"{size} pixels", float(np.median(waits)), rounds),
        Row("stream: sound known ahead, seconds", "", ahead, 0),
    ]
