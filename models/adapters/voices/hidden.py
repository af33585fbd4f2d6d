"""Directions in a speech model's hidden states: what the words for feelings do to its middle layer, added while it speaks.

After activation addition (Turner et al. 2023). Worth something where the trunk is a language model that knows what words mean
(CSM, Dia, Higgs Audio, VibeVoice); where it only spells, the fit's `effect` is near 0, and `chosen` leaves it alone.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from torch import Tensor, nn

from genstudio.errors import InputError

from .. import directions as d
from ..fitting import fitted
from ..hooks import layer
from ..texts import templated

TEMPLATES = ("{word}", "in a {word} voice", "she said it, feeling {word}")


class Enough(Exception):
    """The prompt has passed; nothing need be generated."""


def trunk(model: nn.Module, speak: Callable[[str], Any]) -> tuple[str, ...]:
    """The middle of the stack of layers that a text passes first: a text encoder, or the language model. Raises InputError."""
    stacks = {
        name: module for name, module in model.named_modules()
        if isinstance(module, nn.ModuleList) and len({type(m) for m in module}) == 1
        and any(isinstance(x, nn.Linear) for x in module[0].modules())
    }  # fmt: skip
    met: list[str] = []

    def keeper(name: str) -> Any:
        def hook(*_: Any) -> None:
            met.append(name)
            raise Enough

        return hook

    handles = [module[0].register_forward_pre_hook(keeper(name)) for name, module in stacks.items()]
    with contextlib.suppress(Enough):
        speak("a word")
    for h in handles:
        h.remove()
    if not met:
        raise InputError(
            f"{type(model).__name__} has no stack of layers that a text passes; name some: layers=NAME,NAME"
        )
    return (f"{met[0]}.{len(stacks[met[0]]) // 2}",)


def fit(
    model: nn.Module, speak: Callable[[str], Any], layers: Sequence[str], templates: Sequence[str] = TEMPLATES,
    progress: Any = None,
) -> dict[str, d.Directions]:  # fmt: skip
    """speak: runs the model on a text; it is stopped when the text has passed the layers. One `Directions` a layer."""
    texts, vad, template, word = templated(templates)
    rows: dict[str, list[np.ndarray]] = {name: [] for name in layers}
    spread: dict[str, list[float]] = {name: [] for name in layers}
    for i, text in enumerate(texts):
        for name, states in first_pass(model, speak, text, layers).items():
            rows[name].append(states.mean(0).numpy())
            spread[name].append(float((states - states.mean(0)).norm(dim=1).mean()))
        if progress:
            progress((i + 1) / len(texts))
    out = {}
    for name in layers:
        x = np.stack(rows[name])
        apart = float(np.median(spread[name]))
        out[name] = fitted(x, np.array(vad), np.array(template), word, apart if apart > 0 else None)
    return out


def first_pass(
    model: nn.Module, speak: Callable[[str], Any], text: str, layers: Sequence[str]
) -> dict[str, Tensor]:  # fmt: skip
    """float32 [tokens, n] of each layer when the text passes for the first time."""
    found: dict[str, Tensor] = {}

    def keeper(name: str) -> Any:
        def hook(module: nn.Module, inputs: Any, output: Any) -> None:
            hidden = output[0] if isinstance(output, (tuple, list)) else output
            if not isinstance(hidden, Tensor):
                raise InputError(f"layer '{name}' gives {type(hidden).__name__}; choose one that gives a tensor")
            found.setdefault(name, hidden.detach().float().reshape(-1, hidden.shape[-1]).cpu())
            if len(found) == len(layers):
                raise Enough

        return hook

    handles = [layer(model, name).register_forward_hook(keeper(name)) for name in layers]
    try:
        speak(text)
    except Enough:
        return found
    finally:
        for h in handles:
            h.remove()
    raise InputError(f"no text passed the layers {', '.join(layers)}; choose others")


def as_offsets(found: dict[str, d.Directions], emotion: Any, strength: float) -> dict[str, np.ndarray]:
    """What `hooks.steered` adds to each layer."""
    return {name: x.offset(emotion, strength) for name, x in found.items()}


def layers_of(model: nn.Module, given: str) -> tuple[str, ...]:
    """Layers by name, divided by commas, checked."""
    names = tuple(given.split(","))
    for name in names:
        layer(model, name)
    return names
