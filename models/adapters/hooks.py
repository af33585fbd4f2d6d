"""Directions in the hidden states of chosen layers of any torch module, through forward hooks."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from genstudio.errors import InputError, suggest


def layer(model: nn.Module, name: str) -> nn.Module:
    """A submodule by its dotted name. Raises InputError with the nearest names."""
    names = [n for n, _ in model.named_modules() if n]
    if name not in names:
        raise InputError(f"the model has no layer '{name}'" + suggest(name, names))
    return model.get_submodule(name)


def _hidden(output: Any) -> Tensor:
    """The hidden states of a layer's output: itself, or the first tensor of a tuple."""
    found = output[0] if isinstance(output, (tuple, list)) else output
    if not isinstance(found, Tensor):
        raise InputError(f"a layer that gives {type(found).__name__} cannot be steered; choose one that gives a tensor")
    return found


@contextlib.contextmanager
def steered(model: nn.Module, offsets: Mapping[str, NDArray[np.floating]]) -> Iterator[None]:
    """While it lasts, every named layer's hidden states [.., n] are moved by its offset [n]. Offsets of nothing but 0 hang no hook:
    the model is then bit for bit the plain one."""
    handles = []
    try:
        for name, offset in offsets.items():
            if not np.any(offset):
                continue
            handles.append(
                layer(model, name).register_forward_hook(
                    _moving(torch.from_numpy(np.asarray(offset, np.float32)), name)
                )
            )
        yield
    finally:
        for h in handles:
            h.remove()


def _moving(offset: Tensor, name: str) -> Any:
    def hook(module: nn.Module, inputs: Any, output: Any) -> Any:
        hidden = _hidden(output)
        if hidden.shape[-1] != len(offset):
            raise InputError(
                f"layer '{name}' has {hidden.shape[-1]} channels, its direction {len(offset)}; fit it again"
            )
        moved = hidden + offset.to(hidden.device, hidden.dtype)
        return (moved, *output[1:]) if isinstance(output, (tuple, list)) else moved

    return hook


@contextlib.contextmanager
def collected(model: nn.Module, layers: Sequence[str]) -> Iterator[dict[str, list[NDArray[np.float32]]]]:
    """While it lasts, gathers the mean hidden state [batch, n] of each forward pass through the layers."""
    found: dict[str, list[NDArray[np.float32]]] = {name: [] for name in layers}

    def keeper(name: str) -> Any:
        def hook(module: nn.Module, inputs: Any, output: Any) -> None:
            hidden = _hidden(output).detach().float()
            found[name].append(hidden.reshape(hidden.shape[0], -1, hidden.shape[-1]).mean(1).cpu().numpy())

        return hook

    handles = [layer(model, name).register_forward_hook(keeper(name)) for name in layers]
    try:
        yield found
    finally:
        for h in handles:
            h.remove()
