"""Samples that a recogniser can hear: checked and at its rate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from genstudio.errors import MediaError
from genstudio.media.rates import MIN_AUDIO_SECONDS

if TYPE_CHECKING:
    from genstudio.protocols import F32, Speech

_SILENCE = 10 ** (-60 / 20)  # a peak below -60 dBFS is silence


def samples_at(
    speech: Speech,
    rate: int,
    *,
    least: float = MIN_AUDIO_SECONDS,
    most: float | None = None,
    allow_silent: bool = False,
) -> F32:
    """The speech as float32 [samples], mono, at `rate` Hz; only its first `most` seconds when given.

    Raises MediaError in one line when it is shorter than `least` seconds, silent, or holds values that are not finite.
    """
    import numpy as np

    x = np.asarray(speech.samples, np.float32).reshape(-1)
    if most is not None:
        x = x[: int(most * speech.rate)]
    if len(x) < least * speech.rate:
        raise MediaError(
            f"{len(x) / max(speech.rate, 1):.2f} s of audio are too short to read; at least {least} s are needed"
        )
    if not np.isfinite(x).all():
        raise MediaError("the audio holds values that are not finite")
    if not allow_silent and float(np.abs(x).max()) < _SILENCE:
        raise MediaError("the audio is silent; a recording of a voice is needed")
    if speech.rate == rate:
        return x
    import soxr

    return soxr.resample(x, speech.rate, rate)
