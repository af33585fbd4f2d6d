"""The pack in memory, on the training device whole, and segments drawn from it."""

from __future__ import annotations

import json
import lzma
import os
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from genstudio.errors import MissingDataError

from ..analysis.features import HOP, LOG_F0, SAMPLE_RATE, fill_f0
from .opus import decode, find_library
from .pack import Entry, resampled, unpack_tracks
from .source import TAU, gate, to_samples

if TYPE_CHECKING:
    from torch import Tensor

_TYPES = {"envelope": (np.uint8, 80), "periodicity": (np.uint8, 7), "f0": (np.uint16, 1), "phase": (np.uint16, 1)}


def read_pack(folder: Path) -> tuple[dict[str, Any], list[Entry], list[bytes], dict[str, np.ndarray]]:
    """(head, entries, encoded audio files, quantised tracks over all frames)."""
    path = folder / "pack.bin"
    if not path.exists():
        raise MissingDataError(f"{path} is missing; make it with python -m genstudio.models.speech.vocoder.pack")
    data = path.read_bytes()
    size = int.from_bytes(data[:8], "little")
    head = json.loads(lzma.decompress(data[8 : 8 + size]))
    at = 8 + size
    blobs = {}
    for name, length in head["blobs"].items():
        blobs[name] = data[at : at + length]
        at += length
    tracks = {}
    for name, (kind, width) in _TYPES.items():
        planes = np.frombuffer(lzma.decompress(blobs[name]), dtype=np.uint8)
        if width > 1:
            change = np.cumsum(planes.reshape(width, -1).T, axis=1, dtype=kind)
        else:
            change = np.ascontiguousarray(planes.reshape(2, -1).T).view(kind)[:, 0]
        tracks[name] = np.cumsum(change, axis=0, dtype=kind)
    audio, at = [], 0
    for length in head["audio_sizes"]:
        audio.append(blobs["audio"][at : at + length])
        at += length
    return head, [Entry(**e) for e in head["entries"]], audio, tracks


def _decode_all(audio: list[bytes], folder: Path) -> list[np.ndarray]:
    library = find_library(folder / "whl")
    with tempfile.TemporaryDirectory() as scratch:

        def one(index: int) -> np.ndarray:
            x, rate = decode(library, audio[index], Path(scratch) / f"{index}.bin")
            if rate != SAMPLE_RATE:
                raise ValueError(f"packed audio {index} has {rate} Hz")
            return x

        with ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool:
            return list(pool.map(one, range(len(audio))))


@dataclass(frozen=True)
class Batch:
    """feats [B, T, 89] with F0 filled; phase, f0, opening, audio [B, T * HOP]; pitch (filled) and voiced [B, T]."""

    feats: Tensor
    phase: Tensor
    f0: Tensor
    opening: Tensor
    audio: Tensor
    pitch: Tensor
    voiced: Tensor


class Pack:
    """All utterances end to end: feats [F, 89], f0 and phase [F], audio int16 [F * HOP], on one device."""

    def __init__(self, folder: Path, device: torch.device, seed: int = 0) -> None:
        head, self.entries, encoded, tracks = read_pack(folder)
        self.level = float(head["level"])
        self.device = device
        feats, f0, phase = unpack_tracks(tracks)
        waves = _decode_all(encoded, folder)
        audio = np.zeros(len(f0) * HOP, dtype=np.int16)
        starts = np.concatenate([[0], np.cumsum([e.frames for e in self.entries])])
        filled = np.zeros(len(f0), dtype=np.float32)

        def place(index: int) -> None:
            entry, start = self.entries[index], starts[index]
            x = resampled(waves[entry.audio] * entry.gain, entry.up, entry.down)[: entry.frames * HOP]
            audio[start * HOP : start * HOP + len(x)] = np.round(x * 32767).clip(-32768, 32767).astype(np.int16)
            inside = slice(start, start + entry.frames)
            filled[inside] = fill_f0(f0[inside])

        with ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool:
            list(pool.map(place, range(len(self.entries))))
        feats[:, LOG_F0] = np.log(filled)
        self.starts = starts
        self.feats = torch.tensor(feats, dtype=torch.float16, device=device)
        self.f0 = torch.tensor(filled, device=device)
        self.voiced = torch.tensor(f0 > 0, device=device)
        self.phase = torch.tensor(phase, device=device)
        self.audio = torch.tensor(audio, device=device)
        self.generator = torch.Generator(device).manual_seed(seed)

    def possible(self, frames: int, held: bool) -> Tensor:
        """Every frame at which a segment of `frames` + 1 frames of one utterance may start."""
        found = [
            torch.arange(int(s), int(s) + e.frames - frames - 1)
            for s, e in zip(self.starts, self.entries, strict=False)
            if e.held == held and e.frames > frames + 1
        ]
        return torch.cat(found).to(self.device)

    def cut(self, start: Tensor, frames: int) -> Batch:
        """Segments of `frames` from the frames `start` [B]."""
        rows = start[:, None] + torch.arange(frames + 1, device=self.device)
        f0 = self.f0[rows]
        pitch = to_samples(f0)[:, : frames * HOP]
        turns = torch.cumsum(pitch.double(), -1) / SAMPLE_RATE
        turns = turns - turns[:, :1]
        knots = torch.cat([turns[:, ::HOP], turns[:, -1:] + pitch[:, -1:].double() / SAMPLE_RATE], 1)
        drift = (
            self.phase[rows].double() / TAU - knots
        ).float()  # of the real closures against the sum of F0, in turns
        steps = torch.remainder(drift[:, 1:] - drift[:, :-1] + 0.5, 1.0) - 0.5
        drift = torch.cat([drift[:, :1], drift[:, :1] + torch.cumsum(steps, 1)], 1)
        phase = torch.remainder(turns + to_samples(drift)[:, : frames * HOP].double(), 1.0).float() * TAU
        at = start[:, None] * HOP + torch.arange(frames * HOP, device=self.device)
        rows = rows[:, :frames]
        voiced = self.voiced[rows]
        return Batch(
            self.feats[rows].float(), phase, pitch, gate(voiced), self.audio[at].float() / 32767, f0[:, :frames], voiced
        )

    def draw(self, starts: Tensor, size: int, frames: int) -> Batch:
        chosen = torch.randint(len(starts), (size,), generator=self.generator, device=self.device)
        return self.cut(starts[chosen], frames)
