"""Speaker embeddings of voices that take one (SpeechT5 …), made from a clip by an x-vector model of transformers."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from genstudio import hub
from genstudio.errors import InputError
from genstudio.protocols import Speech

_RATE = 16_000


class SpeakerSpace:
    """clip -> the speaker embedding [n] that a voice was trained with. Width n must be the voice's own."""

    name = "speaker_embeddings"

    def __init__(self, model: Any, extractor: Any, key: str) -> None:
        self.model, self.extractor, self.key = model, extractor, key
        self.rate = int(getattr(extractor, "sampling_rate", None) or _RATE)

    @classmethod
    def load(cls, spec: str, width: int, device: str, allow_pickle: bool = False) -> SpeakerSpace:
        """spec: folder or hub id of an x-vector model (WavLM, UniSpeech …) whose vectors are `width` wide. Raises InputError."""
        from transformers import AutoFeatureExtractor, AutoModelForAudioXVector

        folder = hub.resolve(spec, allow_pickle)
        with hub.explained(spec, folder, device):
            model = AutoModelForAudioXVector.from_pretrained(folder, **hub.options(allow_pickle=allow_pickle))
            extractor = AutoFeatureExtractor.from_pretrained(folder, local_files_only=True)
        found = int(model.config.xvector_output_dim)
        if found != width:
            raise InputError(f"'{spec}' makes speaker embeddings of {found} numbers; this voice takes {width}")
        return cls(model.to(device).eval(), extractor, hub.fingerprint(folder))

    @torch.inference_mode()
    def embed(self, clip: Speech) -> np.ndarray:
        """float32 [n] of length 1."""
        import soxr

        x = np.asarray(clip.samples, np.float32)
        if clip.rate != self.rate:
            x = soxr.resample(x, clip.rate, self.rate)
        ready = self.extractor(x, sampling_rate=self.rate, return_tensors="pt").to(self.model.device)
        vector = self.model(**ready).embeddings[0].float().cpu().numpy()
        return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-9), np.float32)

    def vectors(self, clip: Speech) -> dict[str, np.ndarray]:
        """The same by name, to fit directions on."""
        return {self.name: self.embed(clip)}


def width_of(model: Any) -> int | None:
    """How long the speaker embedding that a model takes is; None when it takes none."""
    width = getattr(model.config, "speaker_embedding_dim", None)
    return int(width) if width else None


def turned(vector: np.ndarray, offset: np.ndarray) -> np.ndarray:
    """A speaker embedding moved by an offset: its length, which says nothing of who speaks, stays."""
    if not np.any(offset):
        return vector
    moved = vector + offset.reshape(vector.shape)
    return np.asarray(moved * (np.linalg.norm(vector) / max(float(np.linalg.norm(moved)), 1e-9)), np.float32)
