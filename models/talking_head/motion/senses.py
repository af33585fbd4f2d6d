"""What the motion network hears and feels: log-mel of the speech, the encoded emotion, of any stretch of video frames."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from genstudio.emotion import Emotion, EmotionCurve
from genstudio.emotion.encoder import EmotionEncoder
from genstudio.media.rates import HOP, HOPS_PER_VIDEO_FRAME, SAMPLE_RATE, VIDEO_FPS
from genstudio.protocols import Speech
from genstudio.signals.mel import FLOOR_DB, level_db, log_mel, power_mel

from .network import mel_scale

F32 = NDArray[np.float32]


class Ears:
    """Speech features of any stretch of video frames; silence before and after the recording.

    least_db: the level it is taken to have when it is quieter than that (a recording whose end is not known yet).
    """

    def __init__(self, speech: Speech, least_db: float = 0.0) -> None:
        x = np.nan_to_num(np.asarray(speech.samples, np.float32))
        if speech.rate != SAMPLE_RATE and len(x):
            import soxr

            x = soxr.resample(x, speech.rate, SAMPLE_RATE)
        self.samples = x
        block = 60 * SAMPLE_RATE
        levels = [level_db(power_mel(x[a : a + block])) for a in range(0, len(x), block)]
        self.level = max(levels, default=0.0)
        if least_db:
            self.level = max(self.level, least_db)

    def __call__(self, first: int, last: int) -> Tensor:
        """Network features [1, 4 * (last - first), 80] of video frames first..last-1."""
        a, b = first * HOPS_PER_VIDEO_FRAME, last * HOPS_PER_VIDEO_FRAME
        total = -(-len(self.samples) // HOP)
        lo, hi = min(max(a - 2, 0), total), min(max(b + 2, 0), total)
        out = np.full((b - a, 80), FLOOR_DB, np.float32)
        if hi > lo:
            mel = log_mel(self.samples[lo * HOP : hi * HOP], level=self.level)
            i, j = max(a, lo), min(b, hi)
            if j > i:
                out[i - a : j - a] = mel[i - lo : j - lo]
        return mel_scale(torch.from_numpy(out))[None]


class Heart:
    """Encoded emotion of any stretch of video frames."""

    def __init__(self, emotion: Emotion | EmotionCurve) -> None:
        self.curve = emotion if isinstance(emotion, EmotionCurve) else EmotionCurve.constant(emotion)
        self.encoder = EmotionEncoder.load()

    def _felt(self, first: int, last: int) -> list[Emotion]:
        return self.curve.sample([max((k + 0.5) / VIDEO_FPS, 0.0) for k in range(first, last)])

    def asked(self, first: int, last: int) -> tuple[F32, F32]:
        """Weights of the seven [last - first, 7] and gain [last - first] (above 1 exaggerates)."""
        felt = self._felt(first, last)
        known = {id(e): list(e.ekman().values()) for e in felt}
        return np.array([known[id(e)] for e in felt], np.float32), np.array(
            [max(1.0, e.intensity) for e in felt], np.float32
        )

    def __call__(self, first: int, last: int) -> Tensor:
        """Codes [1, last - first, 64]."""
        felt = self._felt(first, last)
        unique: dict[int, int] = {}
        kept: list[Emotion] = []
        index = []
        for e in felt:  # equal neighbours are the same object
            if id(e) not in unique:
                unique[id(e)] = len(kept)
                kept.append(e)
            index.append(unique[id(e)])
        return self.encoder(kept).pooled[index][None]
