"""Video files in and out, through PyAV: H.264 and AAC in mp4, VP9 and Opus in webm, frames streamed one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from genstudio.errors import MediaError
from genstudio.media.files import SYNTHETIC, writing
from genstudio.media.rates import VIDEO_FPS

if TYPE_CHECKING:
    from genstudio.protocols import F32, U8

SUFFIXES = (".mp4", ".mov", ".mkv", ".webm", ".avi", ".m4v", ".3gp", ".mpg", ".mpeg", ".wmv", ".flv", ".ogv", ".mts")

_AVX_512F = 13  # OpenCV's CPU_AVX_512F, which its Python module does not name
WRITTEN = (".mp4", ".m4v", ".mov", ".webm")


@dataclass(frozen=True)
class VideoInfo:
    """What a video holds. frames may be an estimate; width and height are as stored, before a rotation noted beside them."""

    width: int
    height: int
    fps: float
    frames: int
    seconds: float
    has_audio: bool


def probe(path: Path | str) -> VideoInfo:
    """Look at a video without decoding it. Raises MediaError."""
    import av

    path = Path(path)
    if not path.is_file():
        raise MediaError(f"there is no file '{path}'")
    try:
        with av.open(str(path)) as container:
            if not container.streams.video:
                raise MediaError(f"'{path.name}' has no picture stream")
            stream = container.streams.video[0]
            fps = float(stream.average_rate or VIDEO_FPS)
            seconds = container.duration / 1e6 if container.duration else 0.0
            frames = stream.frames or round(seconds * fps)
            return VideoInfo(stream.width, stream.height, fps, frames, seconds, bool(container.streams.audio))
    except av.FFmpegError as error:
        raise MediaError(f"'{path.name}' cannot be read as a video: {error.strerror}") from None


def sound_alone(path: Path | str) -> bool:
    """Whether a file has sound but no picture, as recordings of browsers and phones do; False when it cannot be read."""
    import av

    try:
        with av.open(str(path)) as container:
            return bool(container.streams.audio) and not container.streams.video
    except (av.FFmpegError, OSError):
        return False


def read_frames(path: Path | str, every: int = 1, limit: int | None = None) -> Iterator[U8]:
    """Every `every`-th frame as uint8 [height, width, 3] RGB, upright, at most `limit` of them. Raises MediaError."""
    return (frame for _, frame in timed_frames(path, every, limit))


def timed_frames(path: Path | str, every: int = 1, limit: int | None = None) -> Iterator[tuple[float, U8]]:
    """`read_frames` with each frame's time stamp in seconds, as the file says it. Raises MediaError."""
    import av
    import numpy as np

    path = Path(path)
    try:
        with av.open(str(path)) as container:
            if not container.streams.video:
                raise MediaError(f"'{path.name}' has no picture stream")
            given, fps = 0, float(container.streams.video[0].average_rate or VIDEO_FPS)
            for i, frame in enumerate(container.decode(video=0)):
                if i % every:
                    continue
                seconds = i / fps if frame.time is None else float(frame.time)
                pixels = np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)
                turns = (
                    round(frame.rotation / 90) % 4
                )  # phones store sideways and note how to turn it, counter-clockwise
                yield seconds, np.ascontiguousarray(np.rot90(pixels, turns)) if turns else pixels
                given += 1
                if limit is not None and given >= limit:
                    return
    except (av.FFmpegError, OSError) as error:
        raise MediaError(f"'{path.name}' cannot be read as a video: {error}") from None


def check_written(path: Path) -> None:
    """Raises MediaError unless videos are written under such a name."""
    if path.suffix.lower() not in WRITTEN:
        raise MediaError(f"videos are written as .mp4 or .webm; got '{path.name}'")


def write_video(
    path: Path | str,
    frames: Iterable[U8],
    size: tuple[int, int],
    *,
    fps: float = VIDEO_FPS,
    audio: F32 | None = None,
    rate: int = 0,
    title: str = "",
    progress: Callable[[int], None] | None = None,
) -> int:
    """Encode frames [height, width, 3] RGB of `size` (width, height) with mono audio. Returns the frame count.

    The suffix decides: .mp4 (H.264, AAC), or .webm (VP9, Opus), which alone keeps frames with alpha [height, width, 4].
    progress is called with the number of frames written. The file appears whole or not at all; encoding is
    single-threaded, so that the same frames give the same bytes.
    """
    import av

    path = Path(path)
    check_written(path)
    if size[0] % 2 or size[1] % 2:
        raise MediaError(f"a video has even sides; got {size[0]} x {size[1]} pixels")
    webm = path.suffix.lower() == ".webm"
    kind = "webm" if webm else "mp4"
    # bitexact: Matroska otherwise draws the file an identity
    options = {"fflags": "+bitexact"} if webm else {"movflags": "faststart"}
    count = 0
    with (
        writing(path) as temporary,
        av.open(str(temporary), "w", format=kind, options=options) as out,
    ):
        out.metadata.update({"title": title[:200], "comment": SYNTHETIC, "encoder": "genstudio"})
        video = out.add_stream("libvpx-vp9" if webm else "libx264", rate=Fraction(fps).limit_denominator(1000))
        video.width, video.height, video.pix_fmt = size[0], size[1], "yuva420p" if webm else "yuv420p"
        coding: dict[str, object] = {"crf": "18", "preset": "veryfast"} | _without_avx512()
        if webm:
            coding = {"crf": "22", "b": "0", "deadline": "realtime", "cpu-used": "6", "auto-alt-ref": "0"}
        video.options = coding
        video.codec_context.thread_count = 1
        if audio is not None and webm:
            audio, rate = _opus_rate(audio, rate)
        sound = out.add_stream("libopus" if webm else "aac", rate=rate, layout="mono") if audio is not None else None
        if sound is not None:
            sound.bit_rate = 128_000
        for pixels in frames:
            if pixels.shape[2] == 4 and not webm:
                raise MediaError(f"a transparent video is written as .webm or as a folder of PNG; got '{path.name}'")
            frame = av.VideoFrame.from_ndarray(pixels, format="rgba" if pixels.shape[2] == 4 else "rgb24")
            frame.pts = count
            out.mux(video.encode(frame))
            count += 1
            if progress is not None:
                progress(count)
        if count == 0:
            raise MediaError("a video needs at least one frame")
        out.mux(video.encode(None))
        if sound is not None and audio is not None:
            _encode_audio(out, sound, audio, rate)
    return count


def _without_avx512() -> dict[str, object]:
    """Options that hold x264 to AVX2 where the processor has more: its macroblock tree in AVX-512 reads behind the end of rows
    that are no multiple of 128 pixels, and the bytes then hang on what the memory held before (x264 core 165)."""
    import cv2

    return {"x264-params": "asm=avx2"} if cv2.checkHardwareSupport(_AVX_512F) else {}


def _opus_rate(audio: F32, rate: int) -> tuple[F32, int]:
    """Opus knows few rates; 48 kHz is the usual one."""
    if rate in (24_000, 48_000):
        return audio, rate
    import soxr

    return soxr.resample(audio, rate, 48_000), 48_000


def _encode_audio(out, stream, audio: F32, rate: int) -> None:  # type: ignore[no-untyped-def]
    import av
    import numpy as np

    block = stream.codec_context.frame_size or 1024
    for start in range(0, len(audio), block):
        piece = np.ascontiguousarray(np.clip(audio[start : start + block], -1, 1)[None].astype(np.float32))
        frame = av.AudioFrame.from_ndarray(piece, format="fltp", layout="mono")
        frame.sample_rate = rate
        frame.pts = start
        frame.time_base = Fraction(1, rate)
        out.mux(stream.encode(frame))
    out.mux(stream.encode(None))
