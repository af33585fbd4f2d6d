"""Several texts through a transformers voice in one batch: padded inputs, each text's sound cut to its own length."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import torch

from genstudio.protocols import Speech

from . import cloning

MOST = 16  # texts at a time
T = TypeVar("T")


@dataclass(frozen=True)
class Line:
    """One text to be said: with which seed, like which clip."""

    text: str
    seed: int
    clip: Speech | None = None


def inputs(pipe: Any, lines: Sequence[Line], said: str, rate: int, preprocess: dict[str, Any]) -> Any:
    """The model's inputs for several texts, padded. said: what the clips say."""
    if lines[0].clip is None and not cloning.takes_chat(pipe.processor):
        padded = {} if pipe.model.config.model_type == "bark" else {"padding": True}  # it pads to a length of its own
        return pipe.preprocess([x.text for x in lines], **{**padded, **preprocess})
    clips = [None if x.clip is None else Speech(x.clip.samples, x.clip.rate, said) for x in lines]
    return cloning.inputs_of_many(pipe.processor, pipe.model.config.model_type, [x.text for x in lines], clips, rate)


def lengths(ready: Any) -> list[int]:
    """Tokens of each row, [] where nothing says so."""
    mask = ready.get("attention_mask") if hasattr(ready, "get") else None
    return [int(n) for n in mask.sum(-1)] if mask is not None and mask.ndim == 2 else []


def sounds(pipe: Any, ready: dict[str, Any], params: dict[str, Any]) -> list[np.ndarray]:
    """Run the model; float32 [samples] of each row."""
    model, forward = pipe.model, {**params.get("forward_params", {}), **params.get("generate_kwargs", {})}
    if not model.can_generate():
        with _own_ends(model):
            out = model(**ready, **forward)
        return [_flat(w[: int(n)]) for w, n in zip(out.waveform, out.sequence_lengths, strict=True)]
    if pipe.vocoder is not None:
        spectrograms, many = model.generate(**ready, **forward, return_output_lengths=True)
        return [_flat(pipe.vocoder(s[: int(n)])) for s, n in zip(spectrograms, many, strict=True)]
    if model.config.model_type == "bark":
        waves, many = model.generate(**ready, **forward, return_output_lengths=True)
        return [_flat(w[: int(n)]) for w, n in zip(waves, many, strict=True)]
    apart = {k: params.get(k, {}) for k in ("forward_params", "generate_kwargs")}
    output = pipe._forward(ready, **apart)
    return [_flat(row) for row in rows_of(pipe, output)]


@contextlib.contextmanager
def _own_ends(model: Any) -> Iterator[None]:
    """While it lasts, VITS's decoder sees each row to its own end alone: its layers have biases, so that padding behind a row
    would sound through in the row's last frames."""
    decoder = getattr(model, "decoder", None)
    if decoder is None:
        yield
        return
    plain = decoder.forward

    def forward(spectrogram: torch.Tensor, *more: Any, **named: Any) -> torch.Tensor:
        ends = [int(r.any(0).nonzero()[-1]) + 1 if r.any() else r.shape[-1] for r in spectrogram != 0]
        rows = [plain(spectrogram[i : i + 1, :, :n], *more, **named) for i, n in enumerate(ends)]
        longest = max(row.shape[-1] for row in rows)
        return torch.cat([torch.nn.functional.pad(row, (0, longest - row.shape[-1])) for row in rows])

    decoder.forward = forward
    try:
        yield
    finally:
        del decoder.forward


def rows_of(pipe: Any, output: Any) -> Any:
    """The sounds of what a model gave: codes or latents that its processor decodes, or sounds already."""
    if not hasattr(output, "get"):
        return output
    if output.get("audio_sequences") is not None:
        return pipe.processor.batch_decode(output["audio_sequences"])
    if output.get("audio_latents") is not None:
        return pipe.processor.decode(output["audio_latents"], output.get("audio_latents_mask"))
    if output.get("audio") is not None:
        return output["audio"]
    return pipe.processor.batch_decode(output["sequences"])


def in_batches(items: Sequence[T], most: int, run: Callable[[Sequence[T]], list[Any]]) -> Iterator[Any]:
    """`run` over the items, `most` at a time, half as many whenever memory does not suffice; its last error is let through."""
    start = 0
    while start < len(items):
        try:
            yield from run(items[start : start + most])
            start += most
            continue
        except torch.OutOfMemoryError:
            if most <= 1:
                raise
        most //= 2
        if torch.cuda.is_available():
            torch.cuda.empty_cache()


def _flat(row: Any) -> np.ndarray:
    return np.asarray(row.detach().float().cpu().numpy() if isinstance(row, torch.Tensor) else row, np.float32).reshape(
        -1
    )
