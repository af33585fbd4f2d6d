"""The packed recordings on a device, and batches of them made there."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from genstudio.errors import MissingDataError
from genstudio.media.rates import MEL_BANDS

from ..analysis.features import NARROW_BAND_POINTS
from .normal import LIMIT, Normal, frame_f0, phone_prosody

PITCH_GAIN = 3.0  # the frames' F0 is learned as PITCH_GAIN * (contour - line through the phones' points)


@dataclass
class Table:
    """Where every frame lies: phone (row of its utterance), inside float32 [t, 4]: position 0..1, log length, nearness of
    the phone's end, F0 of the contour through the phones' points (normalised)."""

    phone: np.ndarray
    inside: np.ndarray


def frame_table(durations: np.ndarray, prosody: np.ndarray) -> Table:
    """durations [p] frames, prosody [p, 5] normalised."""
    phone = np.repeat(np.arange(len(durations)), durations)
    ends = np.cumsum(durations)
    t = np.arange(int(ends[-1]))
    left = ends[phone] - t - 0.5
    length = durations[phone]
    inside = np.stack([1 - left / length, np.log1p(length) - 2.0, np.exp(-left / 3), frame_f0(prosody, durations)], 1)
    return Table(phone, inside.astype(np.float32))


@dataclass
class Batch:
    """Shapes: phone rows [b, p], frame pairs [b, n]; masks float [.., 1]."""

    ids: Tensor
    stress: Tensor
    place: Tensor
    kind: Tensor
    language: Tensor
    speaker: Tensor
    emotion: Tensor
    narrow: Tensor  # [b] nothing known above 7.5 kHz
    prosody: Tensor  # [b, p, 5]
    phone_mask: Tensor
    length_mask: Tensor  # [b, p] whose duration is known
    first: Tensor  # [b, n] phone of each pair's first frame
    second: Tensor
    inside: Tensor  # [b, n, 5]
    frames: Tensor  # [b, n, 2 * 89] normalised, F0 as residual
    frame_mask: Tensor


class Pack:
    """PACK/acoustic.npz, decoded, on a device."""

    def __init__(self, folder: Path, device: str = "cpu") -> None:
        path = Path(folder) / "acoustic.npz"
        if not path.exists():
            raise MissingDataError(
                f"{path} is missing: make it with python -m genstudio.models.speech.acoustic.prepare"
            )
        with np.load(path) as stored:
            a = {k: stored[k] for k in stored.files}
        self.speakers = tuple(str(s) for s in a["speakers"])
        self.emotions = tuple(str(s) for s in a["emotions"])
        self.normal = Normal.of(self.speakers, a)
        self.shifts = {k: a[f"shift_{k}"] for k in ("women", "men", "reader", "reader_shares", "unsteady", "zero")}
        y = _decode(a)
        start = np.r_[0, np.cumsum(a["frames"])].astype(np.int64)
        row = np.r_[0, np.cumsum(a["phones"])].astype(np.int64)
        prosody, phone, inside = [], [], []
        for i in range(len(a["frames"])):
            d, ids = (
                a["durations"][row[i] : row[i + 1]].astype(np.int64),
                a["ids"][row[i] : row[i + 1]].astype(np.int64),
            )
            own = y[start[i] : start[i + 1]]
            tempo = a["shifts"][a["sex"][a["speaker"][i]], a["emotion"][i]][:3]
            p = phone_prosody(own, d, ids, self.normal, tempo)
            table = frame_table(d, p)
            own[:, MEL_BANDS] = PITCH_GAIN * (own[:, MEL_BANDS] - table.inside[:, 3])
            prosody.append(p)
            phone.append(table.phone)
            inside.append(table.inside)

        def put(x: np.ndarray, kind: torch.dtype) -> Tensor:
            return torch.from_numpy(np.ascontiguousarray(x)).to(kind).to(device)

        self.y = put(y, torch.float16)
        self.phone, self.inside = put(np.concatenate(phone), torch.int16), put(np.concatenate(inside), torch.float16)
        self.prosody = put(np.clip(np.concatenate(prosody), -6, 6), torch.float32)
        self.ids, self.stress, self.place = (put(a[k], torch.int64) for k in ("ids", "stress", "place"))
        self.kind, self.language, self.speaker, self.emotion = (
            put(a[k], torch.int64) for k in ("kind", "language", "speaker", "emotion")
        )
        self.cut = put(a["cut"], torch.bool)
        self.start, self.row = put(start, torch.int64), put(row, torch.int64)
        self.pooled = put(a["pooled"], torch.float32)
        self.names = [str(s) for s in a["names"]]
        held, emo = a["held"], np.array([s.startswith("emodb") for s in self.speakers])[a["speaker"]]
        self.held = np.flatnonzero(held)
        train = np.flatnonzero(~held)
        # a quarter of what is seen is EmoDB, the rest is shared between the readers by the root of what they recorded
        weight = np.zeros(len(train))
        shares = {True: 0.25, False: 0.75}
        for is_emo, share in shares.items():
            mask = emo[train] == is_emo
            w = np.sqrt(a["frames"][train][mask].astype(float))
            if not is_emo:
                own = a["speaker"][train][mask]
                total = {s: w[own == s].sum() for s in np.unique(own)}
                w = w / np.array([np.sqrt(total[s]) for s in own])
            weight[mask] = share * w / max(w.sum(), 1e-9)
        self.train = train
        self.weight = torch.from_numpy(weight)
        self.device = device

    def draw(self, n: int, generator: torch.Generator) -> Tensor:
        """n utterances to learn from."""
        at = torch.multinomial(self.weight, n, replacement=True, generator=generator)
        return torch.from_numpy(self.train)[at]

    def batch(self, index: Tensor, frames: int, generator: torch.Generator) -> Batch:
        """Utterances index [b] with a stretch of `frames` (even) of each."""
        u = index.to(self.device)
        row, rows = self.row[u], self.row[u + 1] - self.row[u]
        p = int(rows.max())
        col = torch.arange(p, device=self.device)[None]
        mask = col < rows[:, None]
        at = row[:, None] + torch.minimum(col, rows[:, None] - 1)
        last = col == rows[:, None] - 1
        prosody = self.prosody[at] * mask[..., None]
        length = self.start[u + 1] - self.start[u]
        room = (length - frames).clamp(min=0) // 2
        shift = (torch.rand(len(u), generator=generator).to(self.device) * (room + 1)).long().clamp(max=room.max()) * 2
        shift = torch.minimum(shift, room * 2)
        t = shift[:, None] + torch.arange(frames, device=self.device)[None]
        real = t < length[:, None]
        pos = self.start[u][:, None] + torch.minimum(t, length[:, None] - 1)
        y = self.y[pos].float()
        phone = self.phone[pos].long()
        inside = self.inside[pos].float()
        b = len(u)
        first, second = phone[:, 0::2], phone[:, 1::2]
        both = torch.cat([inside[:, 0::2], inside[:, 1::2, 3:]], -1)
        return Batch(
            self.ids[at], self.stress[at], self.place[at], self.kind[u], self.language[u], self.speaker[u],
            self.pooled[self.emotion[u]], self.cut[u], prosody, mask[..., None].float(),
            (mask & ~(last & self.cut[u][:, None])).float(), first, second, both, y.reshape(b, frames // 2, -1),
            (real[:, 0::2] & real[:, 1::2])[..., None].float(),
        )  # fmt: skip


def _decode(a: dict[str, np.ndarray]) -> np.ndarray:
    """The stored arrays -> float32 [t, 89] normalised."""
    from PIL import Image

    raw, strips, at = a["envelope"].tobytes(), [], 0
    for n in a["strips"]:
        strips.append(np.asarray(Image.open(io.BytesIO(raw[at : at + n])).convert("L")))
        at += int(n)
    scale = 2 * LIMIT / 255
    total = int(a["frames"].sum())
    out = np.empty((total, MEL_BANDS + 9), np.float32)
    out[:, :MEL_BANDS] = np.concatenate(strips)[:total] * scale - LIMIT
    out[:, MEL_BANDS] = a["f0"] / 1000
    out[:, MEL_BANDS + 1] = np.unpackbits(a["voiced"])[:total] * 2.0 - 1.0
    out[:, MEL_BANDS + 2 :] = a["periodicity"] * scale - LIMIT
    return out


def known(batch: Batch) -> Tensor:
    """Weights [b, n, 2 * 89] of the frames' numbers: 0 where nothing is known, little where it matters little."""
    b, n, _ = batch.frames.shape
    y = batch.frames.reshape(b, n, 2, -1)
    w = torch.ones_like(y)
    unvoiced = y[..., MEL_BANDS + 1] < 0
    w[..., MEL_BANDS] = torch.where(unvoiced, 0.1, 1.0)
    w[..., MEL_BANDS + 2 :] = torch.where(unvoiced, 0.1, 1.0)[..., None]
    narrow = batch.narrow[:, None, None, None].float()
    high = torch.zeros(y.shape[-1], device=y.device)
    high[NARROW_BAND_POINTS - 2 : MEL_BANDS] = 1
    high[-1] = 1
    w = w * (1 - narrow * high)
    return w.reshape(b, n, -1) * batch.frame_mask
