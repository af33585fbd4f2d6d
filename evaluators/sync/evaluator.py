"""Reads lip sync from lip openings and sound, or from any video with a face."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from genstudio.errors import FaceError, InputError, MediaError
from genstudio.media.rates import SAMPLE_RATE, VIDEO_FPS
from genstudio.protocols import Speech
from genstudio.threads import one_thread

from .model import HOPS, LAGS, SyncNet, agreement

WEIGHTS = Path(__file__).parent / "weights" / "sync.safetensors"
TOLERANCE_MS = 80.0
RIVAL = 4  # frames: a lag nearer than this to the best one is the same peak
LEAST_FRAMES = 25  # a second: less says nothing
_LONGEST = 60 * 60.0
F32 = NDArray[np.float32]


@dataclass(frozen=True)
class SyncReading:
    """offset_ms: lips late (+) or early (-) against natural speech, None when the lips do not move.

    confidence: agreement at the best lag above that of the best other one (more than 160 ms away). threshold: 5 % of real pairs
    of held-out recordings longer than 2.5 s lie below; false_accept: share of pairs with foreign lips that would pass both
    tests of in_sync. in_sync: within 80 ms, and as confident as that.
    """

    offset_ms: float | None
    confidence: float
    threshold: float
    false_accept: float
    frames: int
    in_sync: bool

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return asdict(self)


class SyncEvaluator:
    """Offset and confidence between lips and speech.

    Learned from German and English speech with lip curves made from phone labels; no filmed speech was seen. It judges the
    opening of the mouth, not shapes such as rounding. Shorter than about two seconds it is unsure.
    """

    def __init__(self, net: SyncNet, figures: dict[str, float]) -> None:
        self.net, self.figures = net.eval().requires_grad_(False), figures

    @classmethod
    def load(cls, path: Path = WEIGHTS) -> SyncEvaluator:
        """The shipped weights and their held-out figures."""
        from genstudio.weights import load_weights

        net = SyncNet()
        load_weights(net, path)
        facts = path.with_suffix(".json")
        figures = json.loads(facts.read_text(encoding="utf-8")) if facts.is_file() else {}
        return cls(net, figures)

    @one_thread()
    @torch.no_grad()
    def curve(self, openings: F32, fps: float, speech: Speech) -> F32:
        """Agreement at lags of -15 to 15 frames of 40 ms, float32 [31]. openings: lip opening a frame, any unit."""
        from .data import sound

        lips = np.asarray(openings, np.float32).reshape(-1)
        if not np.isfinite(lips).all() or not fps > 0:
            raise InputError("lip openings must be finite numbers, with a frame rate above 0")
        frames = min(round(len(lips) / fps * VIDEO_FPS), int(speech.duration * VIDEO_FPS))
        if frames < LEAST_FRAMES:
            raise MediaError(f"{frames / VIDEO_FPS:.1f} s of speech are too short to judge lip sync; 1 s is the least")
        lips = np.interp(np.arange(frames) / VIDEO_FPS, np.arange(len(lips)) / fps, lips).astype(np.float32)
        x = np.asarray(speech.samples, np.float32)
        if speech.rate != SAMPLE_RATE:
            import soxr

            x = soxr.resample(x, speech.rate, SAMPLE_RATE)
        mel = sound(x)[: frames * HOPS]
        a, v = self.net.encode(torch.from_numpy(mel)[None], torch.from_numpy(lips)[None])
        return agreement(a, v)[0].numpy()

    def read(self, openings: F32, fps: float, speech: Speech) -> SyncReading:
        """openings: lip opening of every frame, float32 [frames], any unit. Raises MediaError below a second."""
        c = self.curve(openings, fps, speech)
        k = int(c.argmax())
        confidence = float(margin(c[None])[0])
        offset = float(k - LAGS)
        if 0 < k < 2 * LAGS:  # between frames: the parabola through the peak
            left, mid, right = c[k - 1 : k + 2]
            offset += float(np.clip(0.5 * (left - right) / (left - 2 * mid + right - 1e-9), -0.5, 0.5))
        threshold = float(self.figures.get("threshold", 0.0))
        moves = float(np.ptp(np.asarray(openings))) > 1e-6
        ms = offset * 1000 / VIDEO_FPS
        return SyncReading(
            round(ms, 1) if moves else None,
            round(confidence, 4),
            threshold,
            float(self.figures.get("false_accept", 0.0)),
            len(openings),
            moves and confidence >= threshold and abs(ms) <= TOLERANCE_MS,
        )

    def read_video(self, path: Path | str) -> SyncReading:
        """Any video with a face and sound. Raises MediaError, FaceError."""
        from genstudio.media import audio, video

        info = video.probe(path)
        if not info.has_audio:
            raise MediaError(f"'{Path(path).name}' has no sound; lip sync needs it")
        if info.seconds > _LONGEST:
            raise MediaError(f"'{Path(path).name}' lasts {info.seconds:.0f} s; at most {_LONGEST:.0f} s are judged")
        openings = openings_of(video.read_frames(path))
        return self.read(openings, info.fps, Speech(audio.read_audio(path), SAMPLE_RATE))


def margin(curves: NDArray[np.floating]) -> NDArray[np.float64]:
    """How far the best lag stands above every other one more than RIVAL frames away, [n] of curves [n, lags]."""
    lags = np.arange(curves.shape[1])
    best = curves.argmax(1)
    far = np.where(np.abs(lags[None] - best[:, None]) > RIVAL, curves, -1.0).max(1)
    return np.asarray(curves.max(1) - far, np.float64)


def openings_of(frames: Any, finder: Any = None) -> F32:
    """Lip opening over the distance between the eyes, of every frame uint8 [h, w, 3]; frames without a face are
    interpolated. Raises FaceError when fewer than half show one."""
    from genstudio import registry

    find = finder or registry.load("faces:embedded")
    last = None
    out: list[float] = []
    for frame in frames:
        last = find.follow(frame, last) if last is not None and hasattr(find, "follow") else None
        if last is None:
            found = find(frame)
            last = found[0] if found else None
        out.append(np.nan if last is None else opening_of(last.landmarks))
    x = np.asarray(out)
    good = np.isfinite(x)
    if good.sum() < max(2, len(x) / 2):
        raise FaceError(f"a face was seen in {int(good.sum())} of {len(x)} frames; lip sync needs one throughout")
    return np.interp(np.arange(len(x)), np.flatnonzero(good), x[good]).astype(np.float32)


def opening_of(landmarks: NDArray[np.floating]) -> float:
    """Mean gap of the inner lips over the distance between the eyes, from 68 landmarks."""
    gap = np.mean([np.linalg.norm(landmarks[a] - landmarks[b]) for a, b in ((61, 67), (62, 66), (63, 65))])
    eyes = np.linalg.norm(landmarks[36:42].mean(0) - landmarks[42:48].mean(0))
    return float(gap / max(float(eyes), 1e-6))
