"""Numbers in the weights of a model, counted on torch's meta device: real classes at real size, no memory, no weights."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from typing import Any

import torch
from torch import nn

from genstudio.errors import InputError, suggest
from genstudio.explained import ROOM

from .parts import MODELS, Part

BYTES = {"float32": 4, "bfloat16": 2, "float16": 2}
CONTEXT = 0.5  # GB that CUDA and its libraries take by themselves


@dataclasses.dataclass(frozen=True)
class Figures:
    """counts: numbers in the weights by part; parameters: all of them, in billions; size: GB on disk as they are published;
    memory: GB while running in the precision that genstudio loads by default, a quarter and half a GB of overhead in it; offload:
    the same with offload=true, when only the largest part lies on the GPU."""

    counts: dict[str, int]
    parameters: float
    size: float
    memory: float
    offload: float


def figures(name: str) -> Figures:
    """Of one model of the catalogue. Raises InputError for one whose architecture is not known here."""
    if name not in MODELS:
        raise InputError(
            f"the parts of '{name}' are not known; valid: {', '.join(MODELS)}" + suggest(name, tuple(MODELS))
        )
    made = MODELS[name]
    counts = {p.name: count(p) for p in made.parts}
    loaded = BYTES[made.loaded] / 1e9
    return Figures(
        counts,
        round(sum(counts.values()) / 1e9, 3),
        round(sum(counts[p.name] * BYTES[p.stored] for p in made.parts) / 1e9, 2),
        round(ROOM * loaded * sum(counts.values()) + CONTEXT, 1),
        round(ROOM * loaded * max(counts.values()) + CONTEXT, 1),
    )


def count(part: Part) -> int:
    """Numbers that a file of this part's weights holds: parameters and kept buffers, shared ones once."""
    return _counted(part.target, _frozen(part.config))


@cache
def _counted(target: str, config: Any) -> int:
    library, _, name = target.partition(":")
    with _quiet():
        kind: Any = getattr(import_module(library), name)
        given, by_config = _thawed(config), getattr(kind, "config_class", None)
        with torch.device("meta"):
            net: nn.Module = kind(by_config(**given)) if by_config is not None else kind(**given)
    return sum({id(v): v.numel() for v in net.state_dict(keep_vars=True).values()}.values())


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Without transformers' notes on token ids that no text will meet."""
    from transformers.utils import logging

    before = logging.get_verbosity()
    logging.set_verbosity_error()
    try:
        yield
    finally:
        logging.set_verbosity(before)


def _frozen(value: Any) -> Any:
    if isinstance(value, dict):
        return ("dict", tuple((k, _frozen(v)) for k, v in value.items()))
    return ("list", tuple(_frozen(v) for v in value)) if isinstance(value, (list, tuple)) else value


def _thawed(value: Any) -> Any:
    if isinstance(value, tuple) and value and value[0] == "dict":
        return {k: _thawed(v) for k, v in value[1]}
    return tuple(_thawed(v) for v in value[1]) if isinstance(value, tuple) and value and value[0] == "list" else value
