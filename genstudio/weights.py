"""Weights: safetensors only, loaded strictly, verified by hash."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genstudio.errors import MissingWeightsError
from genstudio.media.files import file_sha256

if TYPE_CHECKING:
    from torch import Tensor, nn


@cache
def sha256(path: Path) -> str:
    """Hex SHA-256 of a file (cached for the process)."""
    return file_sha256(path)


def read_tensors(path: Path | str) -> tuple[dict[str, Tensor], dict[str, str]]:
    """All tensors of a safetensors file, and its metadata. Raises MissingWeightsError when it is absent or damaged."""
    from safetensors import SafetensorError, safe_open

    path = Path(path)
    if not path.is_file():
        raise MissingWeightsError(
            f"weights '{path.name}' are missing; reinstall genstudio, or train them (see the card)"
        )
    try:
        with safe_open(str(path), framework="pt") as f:
            stored = {k: f.get_tensor(k) for k in f.keys()}  # noqa: SIM118
            return _restored(stored), dict(f.metadata() or {})
    except (SafetensorError, OSError) as error:
        raise MissingWeightsError(f"weights '{path.name}' are damaged ({error}); reinstall genstudio") from None


_SCALE = "::scale"


def _restored(stored: dict[str, Tensor]) -> dict[str, Tensor]:
    """8-bit tensors times their scale of each row, as float16; the others as they are."""
    out = {}
    for name, tensor in stored.items():
        if name.endswith(_SCALE):
            continue
        scale = stored.get(name + _SCALE)
        out[name] = (
            tensor if scale is None else (tensor.float() * scale.float()[(...,) + (None,) * (tensor.ndim - 1)]).half()
        )
    return out


def quantised(tensors: Mapping[str, Tensor], least: int = 4096) -> dict[str, Tensor]:
    """Store matrices of at least so many numbers in 8 bits a number and a scale a row (symmetric, largest value = 127).

    Halves a float16 file; the relative error of a weight is about 0.4 % of the largest of its row.
    """
    import torch

    out: dict[str, Tensor] = {}
    for name, tensor in tensors.items():
        if not tensor.is_floating_point() or tensor.ndim < 2 or tensor.numel() < least:
            out[name] = tensor
            continue
        x = tensor.detach().float().cpu()
        scale = (x.abs().flatten(1).amax(1) / 127).clamp(min=1e-8)
        rows = (...,) + (None,) * (x.ndim - 1)
        out[name] = (x / scale[rows]).round().clamp(-127, 127).to(torch.int8)
        out[name + _SCALE] = scale
    return out


def load_weights(module: nn.Module, path: Path | str) -> nn.Module:
    """Load a safetensors file into a module, strictly, as float32, frozen and in eval mode. Returns the module."""
    import torch

    tensors, _ = read_tensors(path)
    tensors = {k: v.float() if v.dtype in (torch.float16, torch.bfloat16) else v for k, v in tensors.items()}
    try:
        module.load_state_dict(tensors, strict=True)
    except RuntimeError as error:
        first = str(error).splitlines()[1].strip() if "\n" in str(error) else str(error)
        raise MissingWeightsError(f"weights '{Path(path).name}' do not fit the network: {first}") from None
    return module.eval().requires_grad_(False)


def save_weights(
    module_or_tensors: nn.Module | Mapping[str, Tensor],
    path: Path | str,
    config: Mapping[str, Any] | None = None,
    *,
    bits: int = 16,
) -> None:
    """Write safetensors through a temporary name: float16, or with bits=8 large matrices quantised (`quantised`).

    Integers stay as they are; config goes into the header as JSON.
    """
    import torch
    from safetensors.torch import save_file

    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    tensors = module_or_tensors.state_dict() if isinstance(module_or_tensors, torch.nn.Module) else module_or_tensors
    if bits == 8:
        tensors = quantised(tensors)
    small = {
        k: (
            v.detach().cpu().half() if v.is_floating_point() and not k.endswith(_SCALE) else v.detach().cpu()
        ).contiguous()
        for k, v in tensors.items()
    }
    temporary = path.with_name(path.name + ".part")
    save_file(small, str(temporary), metadata={"config": json.dumps(config or {})})
    os.replace(temporary, path)


def read_config(path: Path | str) -> dict[str, Any]:
    """The JSON config in a safetensors header."""
    _, metadata = read_tensors(path)
    return json.loads(metadata.get("config", "{}"))
