"""From a sentence's phones to acoustic features: the trained network at work."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from genstudio.media.rates import MEL_BANDS
from genstudio.weights import read_tensors

from ..analysis.features import Features
from ..frontend import Sentence
from ..frontend.inventory import LANGUAGES
from . import normal as n
from .corpora import MEN, READERS
from .data import PITCH_GAIN, frame_table
from .network import FRAME, Acoustic, Config, rows_at
from .unsteady import shaken

if TYPE_CHECKING:
    from ..markup import Touch

_MIN_FRAMES, _MAX_FRAMES = 2, 80


@dataclass(frozen=True)
class Manner:
    """How to speak. rate, pitch, pause: factors; temperature: 0 (the mean) .. 1 (as varied as people); guidance: how much
    more than trained the emotion steers the prosody; shift: factor on the measured mean shifts; steps: of the two flows."""

    rate: float = 1.0
    pitch: float = 1.0
    pause: float = 1.0
    temperature: float = 0.9
    detail: float = 1.0
    guidance: float = 1.5
    shift: float = 1.0
    steps: tuple[int, int] = (10, 8)


@dataclass(frozen=True)
class Spoken:
    """features, the frames of every phone of the sentence, and the prosody they follow: float32 [phones, 5], normalised."""

    features: Features
    durations: np.ndarray
    prosody: np.ndarray


class Synthesiser:
    """Weights and normalisation of the acoustic model. `speakers` are the voices it knows."""

    def __init__(self, path: Path) -> None:
        tensors, meta = read_tensors(path)
        config = json.loads(meta["config"])
        self.note = json.loads(meta.get("note", "{}"))
        self.speakers = tuple(config.pop("speakers"))
        self.net = Acoustic(Config(speakers=self.speakers, **config))
        own = {k: v.float() for k, v in tensors.items() if not k.startswith(("normal.", "shift."))}
        self.net.load_state_dict(own, strict=True)
        self.net.eval().requires_grad_(False)
        arrays = {k: v.float().numpy() for k, v in tensors.items() if k.startswith(("normal.", "shift."))}
        self.normal = n.Normal.of(self.speakers, arrays)
        self._zero, maps = (
            arrays["shift.zero"],
            {k: arrays[f"shift.{k}"].T for k in ("women", "men")},
        )  # [64], [64, 173]
        reader = maps["women"] + arrays["shift.reader_shares"].T @ arrays["shift.reader"]
        self._maps = {s: reader if s in READERS else maps["men" if s in MEN else "women"] for s in self.speakers}
        self._maps[""] = maps["women"]
        self._unsteady = arrays["shift.unsteady"].T  # [64, 2]

    def shift_of(self, pooled: np.ndarray, speaker: str = "") -> np.ndarray:
        """Pooled emotion codes [.., 64] -> shifts [.., 173] measured on women or men, livelier for a reader; neutral's is 0."""
        out: np.ndarray = (pooled - self._zero) @ self._maps[speaker]
        return out

    def unsteadiness(self, pooled: np.ndarray) -> np.ndarray:
        """Pooled emotion codes [.., 64] -> jitter and shimmer [.., 2], see `unsteady`."""
        out: np.ndarray = (pooled - self._zero) @ self._unsteady
        return out

    @torch.inference_mode()
    def __call__(
        self, sentence: Sentence, speaker: str, pooled: np.ndarray, seed: int, manner: Manner, touch: Touch | None = None
    ) -> Spoken:  # fmt: skip
        """pooled: float32 [phones, 64], the emotion's code at every phone. touch: rate, pitch and volume of every phone."""
        s = self.speakers.index(speaker)
        ids = np.array(sentence.ids)
        generator = torch.Generator().manual_seed(seed)
        mask = torch.ones(1, len(ids), 1)

        def row(values: Sequence[int]) -> Tensor:
            return torch.tensor([list(values)])

        h, hq = self.net.encode(
            row(sentence.ids), row(sentence.stress), row(sentence.place), torch.tensor([sentence.kind]),
            torch.tensor([LANGUAGES.index(sentence.language)]), mask,
        )  # fmt: skip
        emotion = torch.from_numpy(pooled).float()[None]
        who = torch.tensor([s])
        shift = self.shift_of(pooled, speaker) * manner.shift
        prosody = self._prosody(hq, who, emotion, mask, generator, manner)[0].numpy()
        durations = self._durations(prosody, ids, shift, manner, touch.rate if touch else 1.0)
        table = frame_table(durations, prosody)
        y = self._frames(h, who, emotion, prosody, table.phone, table.inside, generator, manner)
        y[:, MEL_BANDS] = y[:, MEL_BANDS] / PITCH_GAIN + table.inside[:, 3]
        frame_shift = _smooth(shift[table.phone], 12)
        features = n.restore(y, ids[table.phone], self.normal, s, n.rougher(frame_shift))
        features[:, :MEL_BANDS] = n.hushed(features[:, :MEL_BANDS], features[:, MEL_BANDS + 1] > 0.5)
        pitch: float | np.ndarray = manner.pitch
        if touch is not None:
            pitch = manner.pitch * np.exp(_smooth(np.log(touch.pitch[table.phone])[:, None], 6)[:, 0])
            louder = _smooth(touch.volume[table.phone][:, None], 4) * (np.log(10) / 10)
            features[:, :MEL_BANDS] += louder
        made = _features(features, ids[table.phone], pitch)
        amount = _smooth(self.unsteadiness(pooled)[table.phone] * manner.shift, 12)
        return Spoken(shaken(made, amount, generator), durations, prosody)

    def _prosody(
        self, h: Tensor, who: Tensor, emotion: Tensor, mask: Tensor, generator: torch.Generator, m: Manner
    ) -> Tensor:
        x = torch.randn(1, h.shape[1], 5, generator=generator) * m.temperature
        nothing = self.net.nothing_p[None, None].expand_as(emotion)
        steps = m.steps[0]
        for i in range(steps):
            t = torch.full((1,), i / steps)
            if m.guidance == 1.0:
                v = self.net.prosody_velocity(x, t, h, who, emotion, mask)
            else:
                both = self.net.prosody_velocity(
                    x.expand(2, -1, -1), t.expand(2), h.expand(2, -1, -1), who.expand(2), torch.cat([nothing, emotion]),
                    mask.expand(2, -1, -1),
                )  # fmt: skip
                v = both[:1] + m.guidance * (both[1:] - both[:1])
            x = x + v / steps
        return x.clamp(-4, 4)

    def _durations(
        self, prosody: np.ndarray, ids: np.ndarray, shift: np.ndarray, m: Manner, rate: float | np.ndarray
    ) -> np.ndarray:  # fmt: skip
        kind = n.TEMPO_OF[ids]
        logs = prosody[:, 0] * n.DURATION_SCALE + self.normal.duration[ids] + shift[np.arange(len(ids)), kind]
        exact = np.expm1(np.clip(logs, 0.1, 5.0)) / (m.rate * rate)
        exact = np.where(kind == 2, exact * m.pause, exact)
        ends = np.rint(np.cumsum(exact))  # rounding that does not add up
        frames = np.diff(ends, prepend=0).astype(int)
        frames = np.where(kind == 2, np.where(frames < 4, 0, frames), np.clip(frames, _MIN_FRAMES, _MAX_FRAMES))
        frames[0], frames[-1] = np.clip(frames[0], 4, 12), np.clip(frames[-1], 8, 40)
        return np.minimum(frames, 150)

    def _frames(
        self, h: Tensor, who: Tensor, emotion: Tensor, prosody: np.ndarray, phone: np.ndarray, inside: np.ndarray,
        generator: torch.Generator, m: Manner,
    ) -> np.ndarray:  # fmt: skip
        odd = len(phone) % 2
        if odd:
            phone, inside = np.r_[phone, phone[-1:]], np.concatenate([inside, inside[-1:]])
        first, second = torch.from_numpy(phone[0::2])[None], torch.from_numpy(phone[1::2])[None]
        both = torch.from_numpy(np.concatenate([inside[0::2], inside[1::2, 3:]], 1))[None]

        def at_pairs(x: Tensor) -> Tensor:
            return (rows_at(x, first) + rows_at(x, second)) / 2

        mask = torch.ones(1, first.shape[1], 1)
        hp, ep = at_pairs(h), at_pairs(emotion)
        mean = self.net.frame_mean(hp, who, ep, at_pairs(torch.from_numpy(prosody)[None]), both, mask)
        y = mean
        if m.detail > 0:
            x = torch.randn(mean.shape, generator=generator) * m.detail
            for i in range(m.steps[1]):
                t = torch.full((1,), i / m.steps[1])
                x = x + self.net.detail_velocity(x, t, mean, hp, who, ep, mask) / m.steps[1]
            y = mean + x * self.net.spread.repeat(2)
        out = y.reshape(-1, FRAME).numpy().copy()
        return out[: len(out) - odd] if odd else out


def _smooth(x: np.ndarray, reach: int) -> np.ndarray:
    """[t, n] smoothed over about `reach` frames, so that a change of emotion never steps; constant stays constant."""
    if len(x) < 2 or np.allclose(x, x[:1]):
        return x
    kernel = np.hanning(2 * reach + 3)[1:-1]
    kernel /= kernel.sum()
    p = np.pad(x, ((reach, reach), (0, 0)), mode="edge")
    return np.stack([np.convolve(c, kernel, "valid") for c in p.T], 1)


def _features(x: np.ndarray, phones: np.ndarray, pitch: float | np.ndarray) -> Features:
    """Restored frames -> Features: voicing decided, single frames of it removed, F0 smoothed over three frames."""
    voiced = x[:, MEL_BANDS + 1] > 0.6
    voiced &= phones > 2
    for want in (True, False):  # fill holes of one frame, then drop islands of one frame
        p = np.pad(voiced, 1, constant_values=not want)
        alone = (p[:-2] == want) & (p[2:] == want) & (p[1:-1] != want)
        voiced = np.where(alone, want, voiced)
    log_f0 = x[:, MEL_BANDS]
    p = np.pad(log_f0, 2, mode="edge")
    log_f0 = np.convolve(p, [0.02, 0.13, 0.7, 0.13, 0.02], "valid")
    f0 = np.where(voiced, np.clip(np.exp(log_f0) * pitch, 60, 600), 0).astype(np.float32)
    period = (np.clip(x[:, MEL_BANDS + 2 :], 0, 1) * voiced[:, None]).astype(np.float32)
    return Features(np.maximum(x[:, :MEL_BANDS], -20.7).astype(np.float32), f0, period)
