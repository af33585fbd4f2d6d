"""From a folder or hub id to transformers' own text-to-audio pipeline."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

from genstudio import hub
from genstudio.errors import InputError, MissingExtraError, MissingWeightsError, suggest

from ..loading import TYPES

_OTHERS = {"dia": "DiaForConditionalGeneration"}


def load_pipeline(
    spec: str, folder: Path, place: str, dtype: str | None, vocoder: str | None, allow_pickle: bool, offload: bool = False
) -> Any:  # fmt: skip
    """`TextToAudioPipeline`, of models that AutoModel does not know as speech too. offload: layers that do not fit on the GPU wait
    in memory (accelerate). Raises InputError for a model that makes no speech."""
    from transformers import AutoConfig, TextToAudioPipeline

    if dtype is not None and dtype not in TYPES:
        raise InputError(f"unknown precision '{dtype}'; valid: {', '.join(TYPES)}" + suggest(dtype, tuple(TYPES)))
    if offload and find_spec("accelerate") is None:
        raise MissingExtraError("accelerate", "pretrained", "offload=true")
    kept = {"device_map": "auto"} if offload else {}
    precision = TYPES[dtype or "float32"]
    with hub.explained(spec, folder, place):
        kind = AutoConfig.from_pretrained(folder, local_files_only=True).model_type
        model = _maker(kind, spec).from_pretrained(
            folder, **hub.options(allow_pickle=allow_pickle), dtype=precision, **kept
        )
        more: dict[str, Any] = {}
        if vocoder is not None:
            more["vocoder"] = _vocoder(vocoder, allow_pickle).to(place, precision)
        elif _spectrograms(model):
            raise InputError(
                f"'{spec}' makes spectrograms; give a vocoder too (--load vocoder=microsoft/speecht5_hifigan)"
            )
        if not offload:
            model, more["device"] = model.to(place), place
        return TextToAudioPipeline(
            model=model.eval(), processor=_processor(folder),
            tokenizer=_tokenizer(spec, folder), **more,
        )  # fmt: skip


def _maker(kind: str, spec: str) -> Any:
    import transformers
    from transformers.models.auto import modeling_auto as auto

    if kind in auto.MODEL_FOR_TEXT_TO_WAVEFORM_MAPPING_NAMES:
        return transformers.AutoModelForTextToWaveform
    if kind in auto.MODEL_FOR_TEXT_TO_SPECTROGRAM_MAPPING_NAMES:
        return transformers.AutoModelForTextToSpectrogram
    if kind in _OTHERS:
        return getattr(transformers, _OTHERS[kind])
    valid = sorted(
        {*auto.MODEL_FOR_TEXT_TO_WAVEFORM_MAPPING_NAMES, *auto.MODEL_FOR_TEXT_TO_SPECTROGRAM_MAPPING_NAMES, *_OTHERS}
    )
    raise InputError(
        f"'{spec}' is a model of kind '{kind}', which makes no speech; valid: {', '.join(valid)}" + suggest(kind, valid)
    )


def _spectrograms(model: Any) -> bool:
    from transformers.models.auto.modeling_auto import MODEL_FOR_TEXT_TO_SPECTROGRAM_MAPPING

    return type(model) in MODEL_FOR_TEXT_TO_SPECTROGRAM_MAPPING.values()


def _tokenizer(spec: str, folder: Path) -> Any:
    from transformers import AutoTokenizer

    try:
        return AutoTokenizer.from_pretrained(folder, local_files_only=True)
    except (TypeError, OSError, ValueError, KeyError):  # as its class likes
        raise MissingWeightsError(
            f"'{spec}' is only half downloaded: its tokenizer is missing or damaged; fetch it again"
        ) from None


def _processor(folder: Path) -> Any:
    from transformers import AutoProcessor

    try:
        found = AutoProcessor.from_pretrained(folder, local_files_only=True)
    except (OSError, ValueError, KeyError):
        return None
    return found if hasattr(found, "tokenizer") else None


def _vocoder(spec: str, allow_pickle: bool) -> Any:
    from transformers import SpeechT5HifiGan

    return SpeechT5HifiGan.from_pretrained(
        hub.resolve(spec, allow_pickle), **hub.options(allow_pickle=allow_pickle)
    ).eval()
