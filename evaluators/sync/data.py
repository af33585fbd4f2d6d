"""Recordings with phones, for training and testing the sync evaluator.

EmoDB's four scoring speakers (labels by hand) and a share of Kathleen's utterances (aligned): the talking head's motion learned
from Kathleen and the other six. Held out: EmoDB's speaker 16 and Kathleen's held-out utterances.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from genstudio.errors import MissingDataError
from genstudio.media.audio import read_audio
from genstudio.media.rates import HOP, SAMPLE_RATE, VIDEO_FPS
from genstudio.protocols import Span
from genstudio.signals.labels import read_lablaut
from genstudio.signals.mel import log_mel
from genstudio.splits import EMODB_SCORE, utterance_holdout

from .model import HOPS

HELD_SPEAKER = "16"
_KATHLEEN_EVERY = 5  # every 5th training utterance is aligned
F32 = NDArray[np.float32]


@dataclass(frozen=True)
class Clip:
    """mel float32 [4 frames, 80] in dB; level float32 [4 frames] 0..1; phones; held: never trained on; who: the voice."""

    mel: F32
    level: F32
    phones: tuple[Span, ...]
    seconds: float
    held: bool
    who: str


def sound(samples: F32) -> F32:
    """log-mel [4 * frames, 80] in dB of samples at SAMPLE_RATE, whole video frames."""
    frames = max(1, round(len(samples) / SAMPLE_RATE * VIDEO_FPS))
    mel = log_mel(samples)[: frames * HOPS]
    return np.pad(mel, ((0, frames * HOPS - len(mel)), (0, 0)), mode="edge").astype(np.float32)


def level(samples: F32, count: int) -> F32:
    """Loudness 0..1 over 45 dB, float32 [count]."""
    power = np.array(
        [np.mean(samples[i * HOP : (i + 1) * HOP] ** 2) if len(samples) > i * HOP else 0 for i in range(count)]
    )
    db = 10 * np.log10(power + 1e-10)
    return np.clip((db - db.max() + 45) / 45, 0, 1).astype(np.float32)


def clips(data: Path, cache: Path, held: bool | None = None) -> list[Clip]:
    """All clips, or those held out (True) or not (False)."""
    out = [*_emodb(data), *_kathleen(data, cache)]
    return [c for c in out if held is None or c.held == held]


def _clip(path: Path, phones: list[Span], held: bool, who: str) -> Clip:
    x = read_audio(path)
    mel = sound(x)
    return Clip(mel, level(x, len(mel)), tuple(phones), len(mel) / HOPS / VIDEO_FPS, held, who)


def _emodb(data: Path) -> list[Clip]:
    folder = data / "emodb"
    if not folder.is_dir():
        raise MissingDataError(f"{folder} is absent: EmoDB is needed, see docs/data.md")
    out = []
    for path in sorted((folder / "wav").glob("*.flac")):
        speaker = path.stem[:2]
        label = folder / "lablaut" / f"{path.stem}xx.lablaut"
        if speaker not in EMODB_SCORE or not label.exists():
            continue
        phones = read_lablaut(label, limit=2.0)
        if phones:
            out.append(_clip(path, phones, speaker == HELD_SPEAKER, f"emodb{speaker}"))
    return out


def _kathleen(data: Path, cache: Path) -> list[Clip]:
    from genstudio.signals.align import SPHINX_RATE, align

    folder = data / "kathleen"
    if not folder.is_dir():
        raise MissingDataError(f"{folder} is absent: the Kathleen voice is needed, see docs/data.md")
    store = cache / "sync_align.json"
    known = json.loads(store.read_text()) if store.exists() else {}
    out = []
    lines = (folder / "metadata.csv").read_text(encoding="utf-8").splitlines()
    for index, line in enumerate(lines):
        name, text = line.split("|", 1)
        held = utterance_holdout(index)
        if not held and index % _KATHLEEN_EVERY:
            continue
        path = folder / "audio" / f"{name}.opus"
        if name not in known:
            found = align(read_audio(path, rate=SPHINX_RATE), SPHINX_RATE, text)
            known[name] = [[s.text, s.start, s.end] for s in found]
            if len(known) % 20 == 0:
                print(f"aligned {len(known)} recordings", file=sys.stderr, flush=True)
                store.parent.mkdir(parents=True, exist_ok=True)
                store.write_text(json.dumps(known))
        phones = [Span(str(t), float(a), float(b)) for t, a, b in known[name]]
        if phones:
            out.append(_clip(path, phones, held, "kathleen"))
    store.parent.mkdir(parents=True, exist_ok=True)
    store.write_text(json.dumps(known))
    return out
