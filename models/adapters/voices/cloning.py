"""How a transformers voice is spoken to: plain text, or a conversation by its chat template, with a clip to clone where it can."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np

from genstudio.protocols import Speech

Chat = list[dict[str, Any]]
_HIGGS: Chat = [
    {"role": "system", "content": [{"type": "text", "text": "Generate audio following instruction."}]},
    {"role": "scene", "content": [{"type": "text", "text": "Audio is recorded from a quiet room."}]},
]

_TENSORS: dict[str, Any] = {
    "tokenize": True, "return_dict": True, "return_tensors": "pt", "add_generation_prompt": True
}  # fmt: skip


def takes_chat(processor: Any) -> bool:
    """Whether the processor lays out text and clips by a chat template."""
    return bool(getattr(processor, "chat_template", None)) and hasattr(processor, "apply_chat_template")


def clones(processor: Any) -> bool:
    """Whether the voice can be given a clip: its processor takes `audio`."""
    if processor is None or not callable(processor):
        return False
    return "audio" in inspect.signature(type(processor).__call__).parameters


def rate_of(processor: Any, otherwise: int) -> int:
    """Hz of the clips the processor wants."""
    extractor = getattr(processor, "feature_extractor", None)
    return int(getattr(extractor, "sampling_rate", None) or otherwise)


def inputs(processor: Any, kind: str, text: str, clip: Speech | None, rate: int) -> Any:
    """The model's inputs for a text, in the voice of a clip when there is one. kind: the model's type, which decides the roles."""
    samples = None if clip is None else _at(clip, rate_of(processor, rate))
    said = "" if clip is None else clip.text.strip()
    if takes_chat(processor):
        return processor.apply_chat_template(chat(kind, text, samples, said), **_TENSORS)
    return processor(
        text=[f"{said} {text}".strip()], audio=samples, return_tensors="pt", sampling_rate=rate_of(processor, rate)
    )


def inputs_of_many(processor: Any, kind: str, texts: list[str], clips: list[Speech | None], rate: int) -> Any:
    """The same for several texts, each with its clip, padded to one length."""
    at = rate_of(processor, rate)
    samples = [None if c is None else _at(c, at) for c in clips]
    said = ["" if c is None else c.text.strip() for c in clips]
    if takes_chat(processor):
        chats = [chat(kind, *row) for row in zip(texts, samples, said, strict=True)]
        return processor.apply_chat_template(
            chats, **_TENSORS, processor_kwargs={"padding": True, "padding_side": "left"}
        )
    words = [f"{s} {t}".strip() for s, t in zip(said, texts, strict=True)]
    return processor(text=words, audio=samples, return_tensors="pt", padding=True, sampling_rate=at)


def chat(kind: str, text: str, samples: Any = None, said: str = "") -> Chat:
    """The conversation as the models' own documentation lays it out: numbered speakers, who spoke before (CSM) or whose clip
    stands beside the text (VibeVoice); a scene, a user and an assistant who spoke before (Higgs); else one user message with clip
    and text."""
    words: dict[str, Any] = {"type": "text", "text": text}
    sound = [] if samples is None else [{"type": "audio", "audio": samples}]
    before = [{"type": "text", "text": said}] if said else []
    if kind == "vibevoice":  # what the clip says is not told: it would be spoken too
        return [{"role": "0", "content": [words, *sound]}]
    if kind == "csm":
        first = [{"role": "0", "content": [*before, *sound]}] if sound else []
        return [*first, {"role": "0", "content": [words]}]
    if kind.startswith("higgs"):
        earlier = (
            [{"role": "user", "content": before or [words]}, {"role": "assistant", "content": sound}] if sound else []
        )
        return [*_HIGGS, *earlier, {"role": "user", "content": [words]}]
    return [{"role": "user", "content": [*sound, words]}]


def _at(clip: Speech, rate: int) -> Any:
    import soxr

    samples = np.asarray(clip.samples, np.float32)
    return samples if clip.rate == rate else np.asarray(soxr.resample(samples, clip.rate, rate), np.float32)
