"""Audio in chunks, frames out: the head speaks while the sound still arrives.

Windows of motion overlap: each is made again from the next chunk on, held at its start to what was shown, so that frames already
out never change. A frame is shown once `LOOKAHEAD` of sound behind it is known (lips move before they sound); until then the
future is silence to the network.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from genstudio.emotion import Emotion, EmotionCurve
from genstudio.errors import InputError
from genstudio.media.rates import SAMPLE_RATE, VIDEO_FPS
from genstudio.protocols import Speech
from genstudio.signals.arkit import CHANNELS

from .animator import Animator
from .motion.model import AHEAD, Ears, Heart, MotionModel, finish

F32 = NDArray[np.float32]
U8 = NDArray[np.uint8]
LOOKAHEAD = 6  # frames of sound known beyond a shown frame: 0.24 s, what the speech encoder looks ahead
LEAST = 4  # frames shown at once, but for the first and the last
HOLD = (0.6, 0.25)  # how firmly a window begins as the one before foresaw, whose future was silence
LEVEL_DB = -40.0  # of loud speech (`level_db`): what begins more softly is not taken for loud


@dataclass(frozen=True)
class Shown:
    """One frame. pixels uint8 [size, size, 3]; values float32 [62]; time: seconds in the speech; latency: seconds from the
    arrival of the sound that made it possible until it was drawn."""

    pixels: U8
    values: F32
    time: float
    latency: float


def stream(
    motion: MotionModel, animator: Animator, chunks: Iterable[F32], rate: int, emotion: Emotion | EmotionCurve, *,
    seed: int = 0, steps: int = 4, emotion_guidance: float = 1.6, head_motion: float = 1.0, blink: float = 1.0,
) -> Iterator[Shown]:  # fmt: skip
    """Frames at 25 a second as mono chunks (float32, any length, `rate` Hz) arrive; the last ones after the last chunk.

    steps: denoising steps a window, fewer than for files since windows are made more often.
    """
    if steps < 1:
        raise InputError(f"steps must be at least 1; got {steps}")
    made = _Motion(motion, emotion, seed, steps, emotion_guidance, blink)
    arrived = time.perf_counter()
    for chunk in chunks:
        arrived = time.perf_counter()
        made.hear(np.asarray(chunk, np.float32).reshape(-1), rate)
        ready = made.heard - LOOKAHEAD - made.shown
        if ready >= (LEAST if made.shown else 1):
            yield from _drawn(animator, finish(made.more(ready), head_motion, blink), made.shown - ready, arrived)
    rest = made.heard - made.shown
    if rest > 0:
        yield from _drawn(animator, finish(made.more(rest), head_motion, blink), made.shown - rest, arrived)


def _drawn(animator: Animator, values: F32, first: int, arrived: float) -> Iterator[Shown]:
    for k, row in enumerate(values):
        pixels = animator.frame(row)
        yield Shown(pixels, row, (first + k) / VIDEO_FPS, time.perf_counter() - arrived)


class _Motion:
    """Motion that grows with the sound."""

    def __init__(
        self, model: MotionModel, emotion: Emotion | EmotionCurve, seed: int, steps: int, guidance: float, blink: float
    ) -> None:
        self.model, self.steps, self.guidance = model, steps, guidance
        c = model.net.config
        self.generator = torch.Generator().manual_seed(seed)
        self.style = model.style(self.generator, blink)
        self.heart = Heart(emotion)
        self.samples = np.zeros(0, np.float32)
        self.shown = 0
        self.past = torch.zeros(1, c.past, c.channels)
        self.ahead: torch.Tensor | None = None

    @property
    def heard(self) -> int:
        """Whole frames of sound known."""
        return int(len(self.samples) / SAMPLE_RATE * VIDEO_FPS + 1e-6)

    def hear(self, chunk: F32, rate: int) -> None:
        """Take in sound."""
        x = np.nan_to_num(chunk)
        if rate != SAMPLE_RATE and len(x):
            import soxr

            x = soxr.resample(x, rate, SAMPLE_RATE)
        self.samples = np.concatenate([self.samples, x])

    @torch.no_grad()
    def more(self, count: int) -> F32:
        """The next `count` frames, float32 [count, 62]."""
        c = self.model.net.config
        out = np.empty((count, len(CHANNELS)), np.float32)
        done = 0
        while done < count:
            at = self.shown
            keep = min(count - done, c.window - AHEAD)
            ears = Ears(Speech(self.samples, SAMPLE_RATE), least_db=LEVEL_DB)
            mel, codes = ears(at - c.past, at + c.window), self.heart(at - c.past, at + c.window)
            noise = self.model.noise(self.generator)
            clean = self.model.denoise(
                noise, mel, codes, self.past, self.ahead, self.style, self.steps, (1.0, self.guidance), "euler",
                self.generator, HOLD,
            )  # fmt: skip
            out[done : done + keep] = self.model.shown(clean[0, :keep], self.heart, at, self.style)
            self.ahead = clean[:, keep : keep + AHEAD]
            self.past = torch.cat((self.past, clean[:, :keep]), dim=1)[:, -c.past :]
            self.shown += keep
            done += keep
        return out
