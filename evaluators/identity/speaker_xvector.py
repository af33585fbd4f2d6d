"""Any x-vector model of transformers (WavLM, wav2vec 2.0, UniSpeech-SAT, data2vec … ForXVector) as a source."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from genstudio import hub
from genstudio.errors import InputError


class XVector:
    """Speech to the model's own embedding."""

    licence = "see the model's own card"
    seen: tuple[str, ...] = ()

    def __init__(self, model: Any, extractor: Any, name: str, key: str) -> None:
        self.model, self.extractor, self.name, self.key = model, extractor, name, key
        self.rate = int(extractor.sampling_rate)

    @classmethod
    def load(cls, spec: str, allow_pickle: bool = False, device: str = "cpu") -> XVector:
        """spec: a folder, a cached hub id or a hub id. Raises InputError when it is no x-vector model."""
        from transformers import AutoConfig, AutoFeatureExtractor, AutoModelForAudioXVector

        folder = hub.resolve(spec, allow_pickle)
        with hub.explained(spec, folder, device):
            names = AutoConfig.from_pretrained(folder, local_files_only=True).architectures or []
            if names and not any("XVector" in n for n in names):
                raise InputError(
                    f"'{spec}' is a {names[0]}, not an x-vector model (…ForXVector): it has no voice embedding"
                )
            extractor = AutoFeatureExtractor.from_pretrained(folder, local_files_only=True)
            options = hub.options(allow_pickle=allow_pickle, output_loading_info=True)
            model, info = AutoModelForAudioXVector.from_pretrained(folder, **options)
            absent = sorted(set(info["missing_keys"]) - {"objective.weight"})  # the training loss, which embeds nothing
            if absent:
                raise InputError(f"'{spec}' lacks the weights {', '.join(absent[:3])}: they would be random")
            return cls(model.to(device).eval(), extractor, spec.rstrip("/").rpartition("/")[2], hub.fingerprint(folder))

    @torch.inference_mode()
    def embed(self, samples: NDArray[Any]) -> NDArray[np.float32]:
        """samples: float [n] at `rate` → float32 [d]."""
        with hub.explained(self.name, None, str(self.model.device)):
            inputs = self.extractor(np.asarray(samples, np.float32), sampling_rate=self.rate, return_tensors="pt")
            found = self.model(**{k: v.to(self.model.device) for k, v in inputs.items()}).embeddings[0]
        return found.float().cpu().numpy()
