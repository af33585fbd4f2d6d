"""Speech recognisers of transformers: sequence-to-sequence models (Whisper, Moonshine …) and CTC models (wav2vec 2.0, HuBERT …)."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from genstudio import hub
from genstudio.errors import InputError

RATE = 16_000  # Hz
CHUNK = 25.0  # seconds heard at once, below Whisper's 30
_QUIET_SEARCH = 2.0  # a chunk ends at the quietest place within so many seconds before its limit


class Recogniser:
    """One model and its processor."""

    def __init__(self, model: Any, processor: Any, name: str, ctc: bool) -> None:
        self.model, self.processor, self.name, self.ctc = model, processor, name, ctc
        codes = getattr(model.generation_config, "lang_to_id", None) or {} if not ctc else {}
        self.languages = tuple(sorted(c.strip("<|>") for c in codes))

    @classmethod
    def load(cls, spec: str, allow_pickle: bool = False, device: str = "auto") -> Recogniser:
        """spec: a folder, a cached hub id or a hub id. Raises InputError when it is no speech recogniser."""
        from transformers import AutoConfig, AutoModelForCTC, AutoModelForSpeechSeq2Seq, AutoProcessor
        from transformers.models.auto import modeling_auto as auto

        folder = hub.resolve(spec, allow_pickle)
        place = ("cuda" if torch.cuda.is_available() else "cpu") if device == "auto" else device
        with hub.explained(spec, folder, place):
            config = AutoConfig.from_pretrained(folder, local_files_only=True)
            names = config.architectures or []
            ctc = any(n.endswith("ForCTC") for n in names) or (
                not names and config.model_type not in auto.MODEL_FOR_SPEECH_SEQ_2_SEQ_MAPPING_NAMES
            )
            known = auto.MODEL_FOR_CTC_MAPPING_NAMES if ctc else auto.MODEL_FOR_SPEECH_SEQ_2_SEQ_MAPPING_NAMES
            if config.model_type not in known or any("Classification" in n or "XVector" in n for n in names):
                raise InputError(
                    f"'{spec}' is a {names[0] if names else config.model_type}, not a speech recogniser; "
                    "give Whisper or another …ForConditionalGeneration or …ForCTC model"
                )
            chosen: Any = AutoModelForCTC if ctc else AutoModelForSpeechSeq2Seq
            options = hub.options(allow_pickle=allow_pickle, output_loading_info=True)
            model, info = chosen.from_pretrained(folder, **options)
            if info["missing_keys"]:
                raise InputError(
                    f"'{spec}' lacks the weights {', '.join(sorted(info['missing_keys'])[:3])}: they would be random"
                )
            processor = AutoProcessor.from_pretrained(folder, local_files_only=True)
            name = "transformers:" + spec.rstrip("/").rpartition("/")[2]
            return cls(model.to(place).eval(), processor, name, ctc)

    @torch.inference_mode()
    def hear(self, samples: NDArray[np.float32], language: str = "") -> str:
        """samples: float32 [n] at 16 kHz → text; longer recordings in chunks cut at quiet places."""
        with hub.explained(self.name, None, str(self.model.device)):
            return " ".join(filter(None, (self._part(part, language) for part in chunks(samples))))

    def _part(self, samples: NDArray[np.float32], language: str) -> str:
        inputs = self.processor(samples, sampling_rate=RATE, return_tensors="pt")
        ready = {
            k: v.to(self.model.device, self.model.dtype if v.is_floating_point() else v.dtype)
            for k, v in inputs.items()
        }
        if self.ctc:
            return str(
                self.processor.batch_decode(self.model(**ready).logits.argmax(-1), skip_special_tokens=True)[0]
            ).strip()
        told = {"language": language, "task": "transcribe"} if language and self.languages else {}
        found = self.model.generate(**ready, **told)
        return str(self.processor.batch_decode(found, skip_special_tokens=True)[0]).strip()


def chunks(samples: NDArray[np.float32], rate: int = RATE) -> list[NDArray[np.float32]]:
    """Parts of at most 25 s; each ends at the quietest tenth of a second of its last two, so that no word is cut."""
    size, look, step = int(CHUNK * rate), int(_QUIET_SEARCH * rate), rate // 10
    out = []
    while len(samples) > size:
        tail = samples[size - look : size].reshape(-1, step)
        at = size - look + int((tail**2).mean(1).argmin()) * step + step // 2
        out.append(samples[:at])
        samples = samples[at:]
    return [*out, samples]
