"""`TransformersVoice`: every text-to-speech model that transformers loads, following an emotion."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from genstudio import hub
from genstudio.emotion import Emotion, EmotionCurve
from genstudio.errors import InputError, MediaError, suggest
from genstudio.protocols import Speech

from . import cloning
from .levers import check_lever, emotional, reference_of

_OWN = ("reference", "reference_text", "lever", "strength")
_TYPES = {"float32": torch.float32, "float16": torch.float16, "bfloat16": torch.bfloat16}
MAX_STRENGTH = 2.0


class TransformersVoice:
    """One model of transformers' text-to-audio pipeline: Bark, CSM, Dia, Higgs Audio, Pocket TTS, SpeechT5, VibeVoice, VITS, MMS …

    None of them hears an emotion. It comes by an emotional reference where the voice clones one (`reference=CLIP`), else by
    prosody laid on what the voice said; best of N (`takes`) comes on top in the Studio.
    """

    def __init__(self, pipe: Any, spec: str, key: str) -> None:
        self.pipe, self.spec, self.key = pipe, spec, key
        self.name = f"transformers:{spec}"
        self.clones = cloning.clones(pipe.processor)
        self.rate = int(pipe.sampling_rate or 0)
        if not self.rate:
            raise InputError(f"'{spec}' does not say its sampling rate; it is no voice that can be used")

    @classmethod
    def load(
        cls, spec: str, *, dtype: str | None = None, device: str = "auto", vocoder: str | None = None, allow_pickle: bool = False,
        sha256: str = "",
    ) -> TransformersVoice:  # fmt: skip
        """spec: a folder, a hub id in the cache, or one to fetch. vocoder: a folder or id, for models that make spectrograms.

        Raises InputError for a model that makes no speech, MissingWeightsError.
        """
        from transformers import AutoConfig, TextToAudioPipeline

        place = ("cuda" if torch.cuda.is_available() else "cpu") if device == "auto" else device
        if dtype is not None and dtype not in _TYPES:
            raise InputError(f"unknown precision '{dtype}'; valid: {', '.join(_TYPES)}")
        folder = hub.resolve(spec, allow_pickle, sha256=sha256)
        with hub.explained(spec, folder, place):
            kind = AutoConfig.from_pretrained(folder, local_files_only=True).model_type
            maker = _maker(kind, spec)
            model = maker.from_pretrained(
                folder, **hub.options(allow_pickle=allow_pickle), dtype=_TYPES[dtype or "float32"]
            )
            processor, tokenizer = _processor(folder), _tokenizer(folder)
            more: dict[str, Any] = {}
            if vocoder is not None:
                more["vocoder"] = _vocoder(vocoder, allow_pickle).to(place)
            elif _spectrograms(model):
                raise InputError(
                    f"'{spec}' makes spectrograms; give a vocoder too (--load vocoder=microsoft/speecht5_hifigan)"
                )
            pipe = TextToAudioPipeline(
                model=model.to(place).eval(), tokenizer=tokenizer, processor=processor, device=place, **more
            )
        return cls(pipe, spec, hub.fingerprint(folder))

    def voices(self) -> Sequence[Mapping[str, str]]:
        """The model's own voice, or the reference's."""
        about = "the voice of reference=CLIP" if self.clones else "the model's own voice"
        return [{"name": "default", "language": "", "description": about}]

    def __call__(
        self, text: str, emotion: Emotion | EmotionCurve, *, voice: str | None = None, seed: int = 0,
        progress: Callable[[float], None] | None = None, **options: Any,
    ) -> Speech:  # fmt: skip
        """Speak. options: reference (a clip to clone), reference_text (what it says), lever ('reference', 'after', 'both', 'none'),
        strength (0 to 2: 0 is the plain model, bit for bit), and what the model itself takes (forward_params, generate_kwargs,
        speaker_embeddings …)."""
        if voice not in (None, "default"):
            raise InputError(f"'{self.name}' has one voice, 'default'; clone another with reference=CLIP")
        if isinstance(emotion, EmotionCurve):
            emotion = emotion.mean()
        own = {k: options.pop(k) for k in _OWN if k in options}
        strength = float(own.get("strength", 1.0))
        if not 0 <= strength <= MAX_STRENGTH:
            raise InputError(f"strength must lie within 0 to {MAX_STRENGTH:g}; got {strength:g}")
        cloned = own.get("reference") is not None
        if cloned and not self.clones:
            raise InputError(f"'{self.name}' clones no voice; leave the reference out")
        lever = check_lever(own.get("lever", "reference" if cloned else "after"), cloned)
        about: dict[str, Any] = {"engine": self.name, "lever": lever, "strength": strength}
        clip = None
        if cloned:
            clip = reference_of(own["reference"])
            if lever in ("reference", "both"):
                clip, about["reference"] = emotional(clip, emotion, strength, seed)
        made = self.plain(text, seed, clip, str(own.get("reference_text", "")), options)
        if lever in ("after", "both"):
            made, about["after"] = emotional(made, emotion, strength, seed)
        if progress:
            progress(1.0)
        return Speech(made.samples, made.rate, text, "", "default", emotion, None, (), (), seed, about)

    @torch.inference_mode()
    def plain(
        self,
        text: str,
        seed: int,
        clip: Speech | None = None,
        clip_text: str = "",
        options: Mapping[str, Any] | None = None,
    ) -> Speech:
        """What the model says by itself. Random numbers of torch are seeded inside and left as they were."""
        given = dict(options or {})
        with (
            hub.explained(self.spec, None, str(self.pipe.device)),
            torch.random.fork_rng(devices=_devices(self.pipe.device)),
        ):
            torch.manual_seed(seed)
            params = _sorted_options(self.pipe, given)
            if clip is None and not cloning.takes_chat(self.pipe.processor):
                samples = self.pipe(text, **params)["audio"]
            else:
                clip = None if clip is None else Speech(clip.samples, clip.rate, clip_text)
                kind = self.pipe.model.config.model_type
                ready = cloning.inputs(self.pipe.processor, kind, text, clip, self.rate).to(self.pipe.device)
                forward = {k: params.get(k, {}) for k in ("forward_params", "generate_kwargs")}
                samples = _sound(self.pipe, self.pipe._forward(dict(ready), **forward))
        x = np.asarray(samples, np.float32).squeeze()
        if x.ndim != 1 or not x.size or not np.isfinite(x).all():
            raise MediaError(f"'{self.name}' made no sound for this text; try another seed, or a longer text")
        return Speech(np.clip(x, -1, 1), self.rate, text)


def _sound(pipe: Any, output: Any) -> Any:
    """Samples of what a model gave: latents that its processor decodes (Pocket TTS), else as the pipeline does."""
    latents = output.get("audio_latents") if hasattr(output, "get") else None
    if latents is not None:
        found = pipe.processor.decode(latents, output.get("audio_latents_mask"))
        return (found[0] if isinstance(found, list) else found).float().cpu().numpy()
    return pipe.postprocess(output)["audio"]


def _sorted_options(pipe: Any, given: dict[str, Any]) -> dict[str, Any]:
    """Loose options as the pipeline's forward_params; what is named so already stays."""
    out: dict[str, Any] = {k: dict(given.pop(k)) for k in ("forward_params", "generate_kwargs", "preprocess_params") if k in given}
    if given:
        out["forward_params"] = {**out.get("forward_params", {}), **given}
    return out


def _devices(device: Any) -> list[Any]:
    return [device] if getattr(device, "type", "cpu") == "cuda" else []


def _maker(kind: str, spec: str) -> Any:
    import transformers
    from transformers.models.auto import modeling_auto as auto

    if kind in auto.MODEL_FOR_TEXT_TO_WAVEFORM_MAPPING_NAMES:
        return transformers.AutoModelForTextToWaveform
    if kind in auto.MODEL_FOR_TEXT_TO_SPECTROGRAM_MAPPING_NAMES:
        return transformers.AutoModelForTextToSpectrogram
    others = {"dia": "DiaForConditionalGeneration"}
    if kind in others:
        return getattr(transformers, others[kind])
    valid = sorted(
        {*auto.MODEL_FOR_TEXT_TO_WAVEFORM_MAPPING_NAMES, *auto.MODEL_FOR_TEXT_TO_SPECTROGRAM_MAPPING_NAMES, *others}
    )
    raise InputError(
        f"'{spec}' is a model of kind '{kind}', which makes no speech; valid: {', '.join(valid)}" + suggest(kind, valid)
    )


def _spectrograms(model: Any) -> bool:
    from transformers.models.auto.modeling_auto import MODEL_FOR_TEXT_TO_SPECTROGRAM_MAPPING

    return type(model) in MODEL_FOR_TEXT_TO_SPECTROGRAM_MAPPING.values()


def _processor(folder: Path) -> Any:
    from transformers import AutoProcessor

    try:
        found = AutoProcessor.from_pretrained(folder, local_files_only=True)
    except (OSError, ValueError, KeyError):
        return None
    return found if hasattr(found, "tokenizer") else None


def _tokenizer(folder: Path) -> Any:
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(folder, local_files_only=True)


def _vocoder(spec: str, allow_pickle: bool) -> Any:
    from transformers import SpeechT5HifiGan

    return SpeechT5HifiGan.from_pretrained(
        hub.resolve(spec, allow_pickle), **hub.options(allow_pickle=allow_pickle)
    ).eval()
