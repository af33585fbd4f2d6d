"""Readings along time of a recording or a talking video, fused where there are two."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from genstudio import registry
from genstudio.emotion import EKMAN, EmotionCurve, vad_of_categories
from genstudio.errors import FaceError, InputError, MediaError
from genstudio.media.rates import SAMPLE_RATE
from genstudio.protocols import Speech, TalkingHead

from ..fusion.late import Channel, fuse, smooth
from .eder import Errors, emotion_errors, shuffled
from .segments import Segment, segments_of, wanted

if TYPE_CHECKING:
    from collections.abc import Iterable

STEP = 0.1  # seconds
_HOP = 0.25  # of the speech recogniser's windows
_FACE_FPS = 10.0
MAX_VIDEO_SECONDS = 3600.0
F64 = NDArray[np.float64]


@dataclass(frozen=True)
class Timeline:
    """times [n]: the start of each step, seconds. parts: for 'face' and 'speech' the recogniser's own probabilities of the
    seven [n, 7] and its weight [n] (how well seen, how loud). fused [n, 7]: both after their confusions, smoothed. segments: of
    the fused. asked: what was requested, None when nothing was; errors, chance: EDER against it and by chance."""

    seconds: float
    times: F64
    parts: Mapping[str, tuple[F64, F64]]
    fused: F64
    segments: tuple[Segment, ...]
    asked: tuple[Segment, ...] | None = None
    errors: Errors | None = None
    chance: float | None = None
    notes: tuple[str, ...] = field(default_factory=tuple)

    def vad(self) -> F64:
        """Valence, arousal, dominance [n, 3] of the fused categories by the norms' coordinates."""
        return np.array([vad_of_categories(dict(zip(EKMAN, map(float, p), strict=True))) for p in self.fused])

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "seconds": round(self.seconds, 3), "step": STEP, "classes": list(EKMAN),
            "segments": [s.as_dict() for s in self.segments],
            "asked": [s.as_dict() for s in self.asked] if self.asked is not None else None,
            "errors": self.errors.as_dict() if self.errors else None,
            "eder_by_chance": None if self.chance is None else round(self.chance, 4),
            "fused": np.round(self.fused, 4).tolist(), "vad": np.round(self.vad(), 4).tolist(), "vad_source": "categories",
            "parts": {
                m: {"categories": np.round(p, 4).tolist(), "weight": np.round(w, 3).tolist()} for m, (p, w) in self.parts.items()
            },
            "notes": list(self.notes),
        }  # fmt: skip


def timeline(media: str | Path | Speech | TalkingHead, curve: EmotionCurve | None = None) -> Timeline:
    """Read a recording, a talking video (face and voice), or something just made. curve: what was asked, in seconds.

    Raises MediaError, FaceError when nothing in it can be read.
    """
    parts: dict[str, tuple[F64, F64]] = {}
    notes: list[str] = []
    speech, frames, fps = _opened(media)
    seconds = speech.duration if speech is not None else 0.0
    if frames is not None:
        try:
            p, w, length = _face(frames, fps)
            seconds = max(seconds, length)
            parts["face"] = (p, w)
        except FaceError as error:
            notes.append(str(error))
    if speech is not None:
        try:
            parts["speech"] = _voice(speech, seconds)
        except MediaError as error:
            notes.append(str(error))
    if not parts:
        raise MediaError("; ".join(notes) or "there is neither a face nor a voice to read")
    n = max(1, int(np.ceil(seconds / STEP - 1e-9)))
    parts = {m: (_length(p, n), _length(w[:, None], n)[:, 0]) for m, (p, w) in parts.items()}
    channels = {m: Channel.of(registry.load(f"evaluator:{m}")) for m in parts}
    fused = fuse([(channels[m], _back(p, channels[m]), w) for m, (p, w) in parts.items()])
    fused = smooth(fused, STEP)
    times = np.arange(n, dtype=np.float64) * STEP
    found = segments_of(list(times), fused, seconds)
    asked = wanted(curve, seconds) if curve is not None else None
    errors = emotion_errors(asked, found) if asked is not None else None
    chance = shuffled(asked, found) if asked is not None else None
    return Timeline(seconds, times, parts, fused, found, asked, errors, chance, tuple(notes))


def _back(p: F64, channel: Channel) -> F64:
    """Probabilities of the seven as the channel's own classes (a class it has beyond the seven counts as not read)."""
    at = {k: i for i, k in enumerate(EKMAN)}
    out = np.stack([p[:, at[c]] if c in at else np.zeros(len(p)) for c in channel.classes], 1)
    total = out.sum(1, keepdims=True)
    return np.where(total > 0, out / np.maximum(total, 1e-12), 1 / out.shape[1])


def _opened(media: str | Path | Speech | TalkingHead) -> tuple[Speech | None, Iterable[Any] | None, float]:
    if isinstance(media, Speech):
        return media, None, 0.0
    if isinstance(media, TalkingHead):
        step = max(1, round(media.motion.fps / _FACE_FPS))
        return media.speech, (f for i, f in enumerate(media.frames()) if i % step == 0), media.motion.fps / step
    from genstudio import scoring
    from genstudio.media import audio, video

    path = Path(media)
    kind = scoring.kind_of(path)
    if kind == "audio":
        return Speech(audio.read_audio(path), SAMPLE_RATE), None, 0.0
    if kind != "video":
        raise InputError(f"'{path.name}' has no time in it; a timeline takes a recording or a video")
    info = video.probe(path)
    if info.seconds > MAX_VIDEO_SECONDS:
        raise MediaError(
            f"'{path.name}' lasts {info.seconds:.0f} s; at most {MAX_VIDEO_SECONDS:.0f} s of video are read"
        )
    step = max(1, round(info.fps / _FACE_FPS))
    sound = Speech(audio.read_audio(path), SAMPLE_RATE) if info.has_audio else None
    return sound, video.read_frames(path, step), info.fps / step


def _face(frames: Iterable[Any], fps: float) -> tuple[F64, F64, float]:
    each, seen, _ = registry.load("evaluator:face").track(frames)
    if not len(seen) or not (seen > 0).any():
        raise FaceError(f"no face was found in {len(seen)} frames")
    length = len(seen) / fps
    at = np.minimum((np.arange(0, length, STEP) * fps).astype(int), len(seen) - 1)
    return np.asarray(each[at], float), np.asarray(seen[at], float), length


def _voice(speech: Speech, seconds: float) -> tuple[F64, F64]:
    """Steps without sound read nothing: weight 0."""
    judge = registry.load("evaluator:speech")
    rows = judge.timeline(speech, hop=_HOP)
    centres = np.array([t for t, _ in rows])
    p = np.array([[r.categories.get(k, 0.0) for k in EKMAN] for _, r in rows])
    p = p / np.maximum(p.sum(1, keepdims=True), 1e-9)
    times = np.arange(0, max(seconds, STEP), STEP) + STEP / 2
    out = np.stack([np.interp(times, centres, p[:, k]) for k in range(len(EKMAN))], 1)
    hop = int(STEP * speech.rate)
    x = np.asarray(speech.samples, np.float64)
    power = np.array([np.mean(x[i * hop : (i + 1) * hop] ** 2) if i * hop < len(x) else 0.0 for i in range(len(times))])
    level = 10 * np.log10(power + 1e-12)
    weight = np.clip((level - np.percentile(level, 95) + 40) / 25, 0, 1)
    return out, weight


def _length(x: F64, n: int) -> F64:
    return x[:n] if len(x) >= n else np.concatenate([x, np.repeat(x[-1:], n - len(x), 0)])
