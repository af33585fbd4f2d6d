"""A talking clip as two aligned streams, a row every 100 ms: what the face shows and what the voice does.

Rows come from the scoring recognisers as they are shipped: of the face the pooled features and logits of the aligned crop, of the
voice frame descriptors (mel bands, pitch, periodicity, level, spectral balance) and the recogniser's own log posterior over the
two seconds around. A stream that is not there (no sound, no face) is rows of zeros whose flag is 0.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genstudio import registry
from genstudio.errors import MediaError
from genstudio.media import audio, video
from genstudio.media.rates import SAMPLE_RATE
from genstudio.protocols import Speech
from genstudio.sidecar import weights_of
from genstudio.threads import one_thread

from ..face.net import CLASSES as FACE_CLASSES
from ..speech.data import CLASSES as VOICE_CLASSES
from ..speech.features import HOP, MELS, analyse, balance
from ..speech.features import prepare as prepared

STEP = 0.1  # seconds a row
MOST_SECONDS = 120.0  # of a clip are read
FACE_FEATURES = 304
FACE = FACE_FEATURES + len(FACE_CLASSES)
VOICE_FEATURES = MELS + 12
VOICE = VOICE_FEATURES + len(VOICE_CLASSES)
_HOLD = 0.35  # seconds a picture stands for, when frames are missing or rarer than rows
_PER_STEP = round(STEP / HOP)
_SILENCE = 10 ** (-60 / 20)
_FORMAT = 1  # of the rows: another number makes caches anew
F32 = NDArray[np.float32]


@dataclass(frozen=True)
class Frames:
    """face: float32 [n, 311]; seen: how well, 0 (no face) to 1 [n]; voice: float32 [n, 60]; heard: share of the step that
    sounds, 0 to 1 [n]; seconds: of the clip, which may be longer than what was read."""

    face: F32
    seen: F32
    voice: F32
    heard: F32
    seconds: float

    def __len__(self) -> int:
        return len(self.seen)

    def part(self, start: int, end: int) -> Frames:
        """Rows from start to end."""
        at = slice(start, end)
        return Frames(self.face[at], self.seen[at], self.voice[at], self.heard[at], self.seconds)


def read_frames(picture: Path | None, sound: Path | None) -> Frames:
    """The rows of a clip from its video, its recording, or both (one file may be both). Raises MediaError."""
    speech = Speech(audio.read_audio(sound, allow_silent=True), SAMPLE_RATE) if sound is not None else None
    return frames_of(video.timed_frames(picture) if picture is not None else None, speech)


@one_thread()
def frames_of(pictures: Iterable[tuple[float, Any]] | None, speech: Speech | None) -> Frames:
    """The rows of (seconds, uint8 [h, w, 3]) pictures and speech; None for a stream that is not there.

    Raises MediaError when both are missing or empty, or neither a face is seen nor a voice heard.
    """
    face, seen, shown = _face(pictures) if pictures is not None else (_none(FACE), np.zeros(0, np.float32), 0.0)
    voice, heard = _voice(speech) if speech is not None else (_none(VOICE), np.zeros(0, np.float32))
    n = max(len(seen), len(heard))
    seconds = max(shown, speech.duration if speech is not None else 0.0)
    rows = [np.concatenate([x, np.zeros((n - len(x), *x.shape[1:]), np.float32)]) for x in (face, seen, voice, heard)]
    if not rows[1].any() and not rows[3].any():
        raise MediaError("neither a face is seen nor a voice heard in it")
    return Frames(rows[0], rows[1], rows[2], rows[3], seconds)


def _none(width: int) -> F32:
    return np.zeros((0, width), np.float32)


def _face(pictures: Iterable[tuple[float, Any]]) -> tuple[F32, F32, float]:
    """Rows [n, 311], how well seen [n], seconds. Every row takes the latest picture, when one is near enough."""
    judge = registry.load("evaluator:face")
    times: list[float] = []
    cut, at, seen, _ = judge.follow(_thinned(pictures, times))
    if not times:
        return _none(FACE), np.zeros(0, np.float32), 0.0
    each = np.zeros((len(times), FACE), np.float32)
    each[at] = np.concatenate(judge.describe(cut), 1)
    kept = np.asarray(times)
    n = max(1, int(np.floor(kept[-1] / STEP + 1e-6)) + 1)
    row = np.arange(n) * STEP
    which = np.maximum(np.searchsorted(kept, row + STEP / 2, side="right") - 1, 0)
    fresh = np.abs(row - kept[which]) <= _HOLD
    return each[which] * fresh[:, None], seen[which] * fresh, float(kept[-1]) + STEP


def _thinned(pictures: Iterable[tuple[float, Any]], times: list[float]) -> Iterator[Any]:
    """One picture a step; their times from the first one on are appended to `times`."""
    first: float | None = None
    due = 0.0
    for time, picture in pictures:
        first = time if first is None else first
        time -= first
        if time >= MOST_SECONDS:
            return
        if time >= due - 0.02:
            times.append(time)
            due = (np.floor((time + 0.02) / STEP) + 1) * STEP
            yield picture


def _voice(speech: Speech) -> tuple[F32, F32]:
    """Rows [n, 60] and the share of each that sounds [n]."""
    x = np.asarray(speech.samples, np.float32).reshape(-1)[: int(MOST_SECONDS * speech.rate)]
    n = max(1, int(np.ceil(len(x) / speech.rate / STEP - 1e-6)))
    if not len(x) or not np.isfinite(x).all() or float(np.abs(x).max()) < _SILENCE:
        return np.zeros((n, VOICE), np.float32), np.zeros(n, np.float32)
    f = analyse(prepared(x, speech.rate))
    on = f.f0 > 0
    tone = np.where(on, np.log2(np.maximum(f.f0, 1) / 55) - 1.7, np.nan)
    mel = (f.mel - f.mel[f.sound].mean()) / 2.5
    level = (f.level - f.level[f.sound].mean())[:, None] / 10
    plain = np.concatenate([mel, f.period[:, None], level, balance(f) / 10], 1)
    rows = _steps(plain, n)
    pitch = _steps(tone[:, None], n)
    bend = np.diff(pitch, axis=0, prepend=pitch[:1])
    own = np.concatenate([rows, pitch, bend, _steps(on[:, None].astype(np.float32), n)], 1)
    heard = _steps(f.sound[:, None].astype(np.float32), n)[:, 0]
    said = _posterior(Speech(x, speech.rate), n)
    return np.nan_to_num(np.concatenate([own, said], 1)).astype(np.float32), heard.astype(np.float32)


def _steps(x: NDArray[Any], n: int) -> NDArray[Any]:
    """Means over the ten frames of each step, [frames, c] -> [n, c]; NaN where none is measurable."""
    whole = np.full((n * _PER_STEP, x.shape[1]), np.nan)
    whole[: min(len(x), len(whole))] = x[: len(whole)]
    parts = whole.reshape(n, _PER_STEP, -1)
    count = np.isfinite(parts).sum(1)
    return np.where(count > 0, np.nansum(parts, 1) / np.maximum(count, 1), np.nan)


def _posterior(speech: Speech, n: int) -> NDArray[Any]:
    """The voice recogniser's log probabilities [n, 8], of the windows around; zeros when it hears too little."""
    try:
        rows = registry.load("evaluator:speech").timeline(speech, hop=0.5)
    except MediaError:
        return np.zeros((n, len(VOICE_CLASSES)))
    at = [t for t, _ in rows]
    p = np.log(np.array([[max(r.categories[c], 1e-4) for c in VOICE_CLASSES] for _, r in rows]))
    row = np.arange(n) * STEP + STEP / 2
    return np.stack([np.interp(row, at, p[:, k]) for k in range(p.shape[1])], 1)


def late(frames: Frames) -> tuple[F32 | None, F32 | None]:
    """What the shipped recognisers say of the whole clip: mean face posterior [7] by how well it is seen, mean voice posterior
    [8] by how much sounds; None for a stream that is not there."""
    face = voice = None
    if frames.seen.any():
        p = np.exp(frames.face[:, FACE_FEATURES:])
        p /= p.sum(1, keepdims=True)
        face = (p * frames.seen[:, None]).sum(0) / frames.seen.sum()
    if frames.heard.any() and frames.voice[:, VOICE_FEATURES:].any():
        q = np.exp(frames.voice[:, VOICE_FEATURES:])
        q = (q / q.sum(1, keepdims=True) * frames.heard[:, None]).sum(0)
        voice = q / q.sum()
    return face, voice


@cache
def version() -> str:
    """Changes when other recognisers would give other rows."""
    weights = [weights_of(f"evaluator:{m}") for m in ("face", "speech")]
    return hashlib.sha256(json.dumps([_FORMAT, weights], sort_keys=True).encode()).hexdigest()[:16]
