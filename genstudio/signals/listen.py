"""Samples that a recogniser can hear: checked and at its rate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from genstudio.errors import InputError, MediaError
from genstudio.media.rates import MIN_AUDIO_SECONDS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from genstudio.protocols import F32, Speech

SILENCE = 10 ** (-60 / 20)  # a peak below -60 dBFS is silence


def mono(samples: NDArray[Any]) -> NDArray[np.float64]:
    """The samples as float64 [n >= 1]. Raises InputError when they are not one channel of finite values."""
    import numpy as np

    x = np.asarray(samples, np.float64)
    if x.ndim != 1 or not x.size or not np.isfinite(x).all():
        raise InputError(f"mono samples [n >= 1], all finite, are needed; got shape {x.shape}")
    return x


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
    if not allow_silent and float(np.abs(x).max()) < SILENCE:
        raise MediaError("the audio is silent; a recording of a voice is needed")
    if speech.rate == rate:
        return x
    import soxr

    return soxr.resample(x, speech.rate, rate)
