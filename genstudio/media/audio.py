"""Audio files in and out. Reading always gives mono float32 at `SAMPLE_RATE`; limits are checked before decoding."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genstudio.errors import MediaError
from genstudio.media.files import writing
from genstudio.media.rates import MAX_AUDIO_SECONDS, MIN_AUDIO_SECONDS, SAMPLE_RATE

if TYPE_CHECKING:
    from genstudio.protocols import F32

SUFFIXES = (".wav", ".flac", ".ogg", ".opus", ".mp3", ".m4a", ".aac", ".aiff", ".aif", ".oga", ".wma", ".amr", ".caf")
WRITTEN = {".wav": ("WAV", "PCM_16"), ".flac": ("FLAC", "PCM_16"), ".ogg": ("OGG", "VORBIS")}  # container, coding
_SILENCE = 10 ** (-60 / 20)  # a peak below -60 dBFS is silence


def read_audio(
    path: Path | str, *, rate: int = SAMPLE_RATE, max_seconds: float = MAX_AUDIO_SECONDS, allow_silent: bool = False
) -> F32:
    """Decode any audio file (or a video's first audio stream) to float32 [samples], mono, -1..1, at `rate` Hz.

    Samples that are not numbers count as silence. Raises MediaError in one line when it is missing, corrupt, empty, silent,
    shorter than 0.1 s or longer than the limit.
    """
    import numpy as np

    path = Path(path)
    if not path.is_file():
        raise MediaError(f"there is no file '{path}'")
    blocks = list(_heard(path, rate, max_seconds))
    samples = np.concatenate(blocks) if blocks else np.zeros(0, np.float32)
    if len(samples) < MIN_AUDIO_SECONDS * rate:
        raise MediaError(
            f"'{path.name}' holds {len(samples) / rate:.2f} s of audio; at least {MIN_AUDIO_SECONDS} s are needed"
        )
    if not allow_silent and _silent(samples):
        raise MediaError(f"'{path.name}' is silent; a recording of speech is needed")
    return samples


def _heard(path: Path, rate: int, max_seconds: float) -> Iterator[F32]:
    """Blocks of the channels mixed down; of the first alone in a file whose channels cancel each other all the way."""
    mixed = any(not _silent(block) for block in _decode(path, rate, max_seconds))  # stops at the first sound
    return _decode(path, rate, max_seconds, "mono" if mixed else "stereo")


def _silent(samples: F32) -> bool:
    import numpy as np

    return float(np.abs(samples).max(initial=0.0)) < _SILENCE


def duration(path: Path | str) -> float:
    """Seconds as the file states them, without decoding; 0 when it does not. Raises MediaError."""
    import av

    path = Path(path)
    if not path.is_file():
        raise MediaError(f"there is no file '{path}'")
    try:
        with av.open(str(path)) as container:
            if not container.streams.audio:
                raise MediaError(f"'{path.name}' has no audio stream")
            return _seconds(container, container.streams.audio[0]) or 0.0
    except (av.FFmpegError, OSError, ValueError) as error:
        raise MediaError(f"'{path.name}' cannot be read as audio: {_reason(error)}") from None


def read_pieces(path: Path | str, seconds: float, most: int, rate: int = SAMPLE_RATE) -> Iterator[F32]:
    """A long recording piece by piece, float32 [up to seconds * rate] each: memory holds one piece at a time.

    At most `most` pieces are given. Raises MediaError as `read_audio` does, but for silence.
    """
    import numpy as np

    size = max(1, int(seconds * rate))
    held: list[F32] = []
    count = given = 0
    for block in _heard(Path(path), rate, seconds * most):
        held.append(block)
        count += len(block)
        while count >= size:
            whole = np.concatenate(held)
            yield whole[:size]
            given += 1
            if given >= most:
                return
            held, count = [whole[size:]], len(whole) - size
    if count >= MIN_AUDIO_SECONDS * rate:
        yield np.concatenate(held)


def _decode(path: Path, rate: int, max_seconds: float, layout: str = "mono") -> Iterator[F32]:
    """Blocks of samples, mixed down, or of the first channel when the layout is stereo; what is no number is silence."""
    import av

    try:
        with av.open(str(path)) as container:
            if not container.streams.audio:
                raise MediaError(f"'{path.name}' has no audio stream")
            stream = container.streams.audio[0]
            seconds = _seconds(container, stream)
            if seconds is not None and seconds > max_seconds + 0.5:
                raise MediaError(f"'{path.name}' lasts {seconds:.0f} s; at most {max_seconds:.0f} s are taken")
            resampler = av.AudioResampler(format="flt", layout=layout, rate=rate)
            channels = 2 if layout == "stereo" else 1
            count = 0
            for frame in container.decode(stream):
                for out in resampler.resample(frame):
                    block = _first(out, channels)
                    count += len(block)
                    if count > (max_seconds + 1) * rate:
                        raise MediaError(f"'{path.name}' lasts more than the {max_seconds:.0f} s that are taken")
                    yield block
            for out in resampler.resample(None):
                yield _first(out, channels)
    except (av.FFmpegError, OSError, ValueError) as error:
        if isinstance(error, MediaError):
            raise
        raise MediaError(f"'{path.name}' cannot be read as audio: {_reason(error)}") from None


def _first(frame: Any, channels: int) -> F32:
    import numpy as np

    samples: F32 = frame.to_ndarray().reshape(-1, channels)[:, 0].astype(np.float32)
    return np.nan_to_num(samples, copy=False, posinf=0.0, neginf=0.0)


def _seconds(container, stream) -> float | None:  # type: ignore[no-untyped-def]
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    return container.duration / 1e6 if container.duration else None


def _reason(error: Exception) -> str:
    return (getattr(error, "strerror", None) or str(error)).splitlines()[0] if str(error) else type(error).__name__


def check_written(path: Path) -> None:
    """Raises MediaError unless audio is written under such a name."""
    if path.suffix.lower() not in WRITTEN:
        raise MediaError(f"audio is written as {', '.join(WRITTEN)}; got '{path.name}'")


def write_audio(path: Path | str, samples: F32, rate: int = SAMPLE_RATE, comment: str = "") -> None:
    """Write mono float32 -1..1; the suffix decides the format (.wav 16 bit, .flac, .ogg). `comment` goes into the file.

    The file appears whole or not at all. Raises OutputError when it cannot be written.
    """
    import numpy as np
    import soundfile as sf

    path = Path(path)
    check_written(path)
    fmt, subtype = WRITTEN[path.suffix.lower()]
    with writing(path) as temporary, sf.SoundFile(temporary, "w", rate, 1, format=fmt, subtype=subtype) as f:
        if comment:
            f.comment = comment
            f.software = "genstudio"
        f.write(np.clip(samples, -1.0, 1.0))
