"""Reads emotion in a voice."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from genstudio.emotion import vad_of_categories
from genstudio.errors import InputError, MediaError
from genstudio.media.rates import MIN_AUDIO_SECONDS
from genstudio.protocols import Ceiling, Reading, Speech

from .data import EMODB_CLASSES
from .features import HOP, RATE, Frames, analyse, cut, prepare
from .functionals import functionals, vector
from .model import MelNet, both, build
from .prepare import image

WEIGHTS = Path(__file__).parent / "weights"
WINDOW = 2.0  # seconds read at once: the length of the clips it learned from
_CHUNK = 60.0  # seconds analysed at once, so that hours need no more memory than minutes
_LEAST_SOUND = 0.08  # seconds of sound in a window worth reading
_SILENCE = 10 ** (-60 / 20)


class SpeechEvaluator:
    """The canonical seven and boredom in speech of any language, from how it sounds, not from what it says.

    Trained on acted German sentences (EmoDB, four speakers for the scorer, the other six for the steering net), vocal
    bursts (EmoGator) and a little neutral reading. Surprise was only ever heard in bursts without words: in speech it is a guess.
    Joy and anger are confused most, women and men are not read equally well (see the card). VAD is the categories' place
    in the norms, not a measurement. It tells what a voice sounds like; it is not for inferring what a real person feels.
    """

    modality = "speech"

    def __init__(self, tensors: dict[str, Tensor], config: dict[str, Any], role: str) -> None:
        self.tensors, self.config, self.role = tensors, config, role
        self.name = f"genstudio-speech-{role}"
        self.classes: tuple[str, ...] = tuple(config["classes"])
        if role == "score":
            self.plain, self.known = build(tensors, config, "plain"), build(tensors, config, "known")
        else:
            self.mel = MelNet(len(self.classes))
            self.mel.load_state_dict({k.removeprefix("mel."): v for k, v in tensors.items()}, strict=True)
            self.mel.eval().requires_grad_(False)
        self.ceiling = self._ceiling("unseen", f"EmoDB, the {10 - len(config['speakers'])} speakers it never heard")
        self.known_ceiling = (
            self.ceiling
            if role == "steer"
            else self._ceiling("unseen_known_voice", "the same, with neutral clips of the voice")
        )

    def _ceiling(self, key: str, data: str) -> Ceiling:
        found = self.config["figures"][key]
        return Ceiling("UAR", found["uar"], tuple(found["interval"]), found["chance"], data, EMODB_CLASSES)

    @classmethod
    def load(cls, role: str = "score") -> SpeechEvaluator:
        """role: 'score' (functionals) or 'steer' (log mel; other speakers, other architecture)."""
        if role not in ("score", "steer"):
            raise InputError(f"unknown role '{role}'; valid: score, steer")
        from genstudio.weights import read_tensors

        path = WEIGHTS / f"speech_{role}.safetensors"
        tensors, _ = read_tensors(path)
        config = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        return cls({k: v.float() if v.is_floating_point() else v for k, v in tensors.items()}, config, role)

    def __call__(self, speech: Speech, reference: Speech | Sequence[Speech] | None = None) -> Reading:
        """The emotion of a whole recording.

        reference: neutral speech of the same voice, when there is some: the voice's own normal then counts, which reads
        better (the steering net does not use it). Raises MediaError when there is nothing to hear.
        """
        parts = self._windows(speech, hop=WINDOW / 2)
        base = self._reference(reference)
        log_p = self._read([f for _, _, f in parts], base)
        share = np.array([f.sound[f.active].sum() for _, _, f in parts], np.float64)
        mean = (log_p.numpy() * (share / share.sum())[:, None]).sum(0)
        p = np.exp(mean - mean.max())
        return self._reading(p / p.sum(), base, {
            "seconds": round(speech.duration, 3), "windows": len(parts), "sound_seconds": round(float(share.sum()) * HOP, 2),
        } | _cues([f for _, _, f in parts]))  # fmt: skip

    def timeline(
        self, speech: Speech, hop: float = 0.5, reference: Speech | Sequence[Speech] | None = None
    ) -> list[tuple[float, Reading]]:
        """Readings along time, every `hop` seconds: (seconds at the middle of a 2 s window, Reading). Silence is left out."""
        if not 0.05 <= hop <= 10:
            raise InputError(f"hop must lie within 0.05 to 10 seconds; got {hop}")
        parts, base = self._windows(speech, hop), self._reference(reference)
        p = self._read([f for _, _, f in parts], base).exp().numpy()
        return [
            ((a + b) / 2, self._reading(row / row.sum(), base, {"start": a, "end": b}))
            for (a, b, _), row in zip(parts, p, strict=True)
        ]

    def _reading(self, p: NDArray[Any], base: Tensor | None, details: dict[str, Any]) -> Reading:
        categories = {c: float(x) for c, x in zip(self.classes, p, strict=True)}
        ceiling = self.ceiling if base is None else self.known_ceiling
        return Reading("speech", self.name, *vad_of_categories(categories), categories, "categories", ceiling,
                       details | {"reference": base is not None})  # fmt: skip

    def _reference(self, reference: Speech | Sequence[Speech] | None) -> Tensor | None:
        """Mean functionals of the neutral speech, float [features]."""
        if reference is None or self.role == "steer":
            return None
        several = [reference] if isinstance(reference, Speech) else list(reference)
        rows = [self._vector(f) for s in several for _, _, f in self._windows(s, WINDOW)]
        return torch.nanmean(torch.stack(rows), 0)

    def _vector(self, frames: Frames) -> Tensor:
        return torch.from_numpy(vector(functionals(frames))[0])

    @torch.inference_mode()
    def _read(self, parts: list[Frames], base: Tensor | None) -> Tensor:
        """Log probabilities [windows, classes]."""
        heat = self.config.get("temperature", 1.0 if self.role == "steer" else {"plain": 1.0, "known": 1.0})
        if self.role == "steer":
            images = torch.from_numpy(np.stack([image(f) for f in parts]))
            return torch.cat([self.mel(images[i : i + 64]) / heat for i in range(0, len(parts), 64)]).log_softmax(-1)
        x = torch.stack([self._vector(f) for f in parts])
        if base is None:
            return (self.plain(x) / heat["plain"]).log_softmax(-1)
        return (both(self.plain, self.known, x, base) / heat["known"]).log_softmax(-1)

    def _windows(self, speech: Speech, hop: float) -> list[tuple[float, float, Frames]]:
        """(start, end, frames) of windows with sound, of at most WINDOW seconds; a recording up to 1.25 windows long is one."""
        x = np.asarray(speech.samples, np.float32).reshape(-1)
        if len(x) < MIN_AUDIO_SECONDS * speech.rate:
            raise MediaError(
                f"{len(x) / max(speech.rate, 1):.2f} s of audio are too short to read; at least {MIN_AUDIO_SECONDS} s are needed"
            )
        if not np.isfinite(x).all():
            raise MediaError("the audio holds values that are not finite")
        if float(np.abs(x).max()) < _SILENCE:
            raise MediaError("the audio is silent; a recording of speech is needed")
        out: list[tuple[float, float, Frames]] = []
        chunk = int(_CHUNK * speech.rate)
        lap = int((WINDOW - hop) * speech.rate) if hop < WINDOW else 0
        loudest = float(np.abs(x).max())
        for begin in range(0, max(len(x) - lap, 1), chunk):
            piece = x[begin : begin + chunk + lap]
            if len(piece) < MIN_AUDIO_SECONDS * speech.rate or float(np.abs(piece).max()) < loudest * 0.01:
                continue
            frames = analyse(prepare(piece, speech.rate))
            n, size = len(frames.f0), int(WINDOW / HOP)
            starts = [0] if n <= 1.25 * size else list(range(0, max(n - size, 0) + 1, max(1, round(hop / HOP))))
            if n > 1.25 * size and starts[-1] + size < n - size // 4 and begin + chunk + lap >= len(x):
                starts.append(n - size)
            for s in starts:
                end = n if n <= 1.25 * size else s + size
                if frames.sound[s:end].sum() * HOP >= _LEAST_SOUND:
                    out.append((begin / speech.rate + s * HOP, begin / speech.rate + end * HOP, cut(frames, s, end)))
        if not out:
            raise MediaError("no stretch of the audio holds enough sound to read")
        return out


def _cues(parts: list[Frames]) -> dict[str, Any]:
    """Plain measurements for explanations: median F0 (Hz), its spread (semitones), share voiced, level range (dB)."""
    f0 = np.concatenate([f.f0[f.f0 > 0] for f in parts])
    level = np.concatenate([f.level[f.sound] for f in parts])
    cues: dict[str, Any] = {"level_range_db": round(float(np.percentile(level, 95) - np.percentile(level, 10)), 1)}
    if f0.size:
        low, high = np.percentile(f0, [5, 95])
        cues |= {
            "f0_median_hz": round(float(np.median(f0)), 1),
            "f0_spread_semitones": round(float(12 * np.log2(high / low)), 1),
        }
    cues["voiced_share"] = round(f0.size / max(sum(int(f.active.sum()) for f in parts), 1), 3)
    return cues


__all__ = ["RATE", "SpeechEvaluator"]
