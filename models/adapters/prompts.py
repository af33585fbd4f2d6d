"""The prompt embeddings of any diffusers pipeline: found from its own code, not from a list of classes.

A pipeline turns text into conditioning in `encode_prompt`. What each value it returns is called stands in the pipeline's
own source: the names that `__call__` gives them. Those that are embeddings of the wanted prompt (not negative, no mask, no ids) are
moved on their way, so that everything else (guidance, batches, long prompts, offloading) is done by the pipeline itself.
"""

from __future__ import annotations

import ast
import contextlib
import inspect
import textwrap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, wraps
from typing import Any

import torch
from torch import Tensor

from genstudio.errors import InputError

ENCODER = "encode_prompt"
_NOT = ("negative", "uncond", "mask", "_ids", "length")


@dataclass(frozen=True)
class Part:
    """One returned value that is an embedding. place: its index; name; mask: index of the mask that belongs to it, or None."""

    place: int
    name: str
    mask: int | None


def names_of(pipeline: Any) -> tuple[str, ...]:
    """What `encode_prompt` returns, by the names `__call__` (else its own return) gives them; ('prompt_embeds',) when unknown."""
    kind: Any = type(pipeline)
    return _names_in(kind)


@cache
def _names_in(kind: Any) -> tuple[str, ...]:
    for method, wanted in ((kind.__call__, _assigned), (getattr(kind, ENCODER, None), _returned)):
        if method is None:
            continue
        try:
            tree = ast.parse(textwrap.dedent(inspect.getsource(inspect.unwrap(method))))
        except (OSError, TypeError, SyntaxError):
            continue
        found = wanted(tree)
        if any(found):
            return found
    return ("prompt_embeds",)


def _assigned(tree: ast.AST) -> tuple[str, ...]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and any(_encodes(x) for x in ast.walk(node.value)):
            return _names(node.targets[0])
    return ()


def _encodes(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == ENCODER


def _returned(tree: ast.AST) -> tuple[str, ...]:
    found: tuple[str, ...] = ()
    for node in ast.walk(tree):
        if isinstance(node, ast.Return) and node.value is not None:
            found = _names(node.value) or found
    return found


def _names(node: ast.AST) -> tuple[str, ...]:
    parts = node.elts if isinstance(node, (ast.Tuple, ast.List)) else [node]
    return tuple(p.id if isinstance(p, ast.Name) else "" for p in parts)


def calls_encoder(pipeline: Any) -> bool:
    """Whether `__call__` encodes its prompt by `encode_prompt` itself."""
    kind: Any = type(pipeline)
    return _encodes_in(kind)


@cache
def _encodes_in(kind: Any) -> bool:
    try:
        return bool(_assigned(ast.parse(textwrap.dedent(inspect.getsource(inspect.unwrap(kind.__call__))))))
    except (OSError, TypeError, SyntaxError):
        return False


def parts_of(names: tuple[str, ...], values: tuple[Any, ...]) -> list[Part]:
    """Which of the returned values are embeddings of the wanted prompt."""
    out = []
    for i, (name, value) in enumerate(zip(names, values, strict=False)):
        if any(word in name for word in _NOT) or not _floats(value):
            continue
        mask = None
        if isinstance(value, Tensor) and value.ndim == 3:
            mask = next(
                (
                    k for k, (n, m) in enumerate(zip(names, values, strict=False))
                    if "mask" in n and "negative" not in n and isinstance(m, Tensor) and m.shape == value.shape[:2]
                ),
                None,
            )  # fmt: skip
        out.append(Part(i, name or f"value_{i}", mask))
    return out


def _floats(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return bool(value) and all(_floats(v) for v in value)
    return isinstance(value, Tensor) and value.is_floating_point() and value.ndim >= 2


def as_tuple(value: Any) -> tuple[Any, ...]:
    """A single returned value as a tuple of one."""
    return tuple(value) if isinstance(value, tuple) else (value,)


def present(value: Tensor, mask: Tensor | None) -> Tensor | None:
    """Which tokens of [.., T, n] are there: by the mask, else all but those that are exactly 0; None when all are."""
    if mask is not None:
        return mask.to(value.device) != 0
    there = (value != 0).any(-1)
    return None if bool(there.all()) else there


def mean_of(value: Any, mask: Tensor | None) -> Tensor:
    """Embeddings [B, T, n] (or a list of [T, n], or [B, n]) averaged over tokens that are there: float32 [B, n]."""
    if isinstance(value, (list, tuple)):
        return torch.stack([v.float().reshape(-1, v.shape[-1]).mean(0) for v in value])
    x = value.float()
    if x.ndim == 2:
        return x
    there = present(value, mask)
    if there is None:
        return x.reshape(x.shape[0], -1, x.shape[-1]).mean(1)
    m = there.to(x)[..., None]
    return (x * m).flatten(1, -2).sum(1) / m.flatten(1, -2).sum(1).clamp(min=1)


def spread_of(value: Any, mask: Tensor | None) -> float:
    """How far tokens that are there lie from their common mean (root mean square length): the scale of these embeddings."""
    if isinstance(value, (list, tuple)):
        tokens = torch.cat([v.float().reshape(-1, v.shape[-1]) for v in value])
    else:
        there = present(value, mask) if value.ndim > 2 else None
        tokens = (value if there is None else value[there]).float().reshape(-1, value.shape[-1])
    return float((tokens - tokens.mean(0)).square().sum(-1).mean().sqrt())


def moved(value: Any, offset: Tensor, mask: Tensor | None) -> Any:
    """Embeddings with an offset [n] added to every token that is there; of the same type, shape and precision."""
    if isinstance(value, (list, tuple)):
        return type(value)(moved(v, offset, None) for v in value)
    if value.shape[-1] != len(offset):
        raise InputError(
            f"the prompt embeddings have {value.shape[-1]} channels, the direction {len(offset)}; fit it again"
        )
    step = offset.to(value.device, value.dtype)
    there = present(value, mask) if value.ndim > 2 else None
    return value + (step if there is None else step * there.to(value.dtype)[..., None])


@contextlib.contextmanager
def encoding(
    pipeline: Any, prompts: list[str], change: Callable[[str, Any, Tensor | None], Any]
) -> Iterator[dict[str, int]]:
    """While it lasts, what `encode_prompt` returns for these prompts goes through `change(name, value, mask)`.

    Yields a count of values changed by name. The negative prompt's own encoding is left alone.
    """
    plain = getattr(pipeline, ENCODER)
    signature, names = inspect.signature(plain), names_of(pipeline)
    count: dict[str, int] = {}

    @wraps(plain)
    def encode(*args: Any, **kwargs: Any) -> Any:
        returned = plain(*args, **kwargs)
        asked = signature.bind_partial(*args, **kwargs).arguments.get("prompt", prompts)
        if ([asked] if isinstance(asked, str) else list(asked or [])) != prompts:
            return returned
        values = list(as_tuple(returned))
        for part in parts_of(names, tuple(values)):
            mask = values[part.mask] if part.mask is not None else None
            values[part.place] = change(part.name, values[part.place], mask)
            count[part.name] = count.get(part.name, 0) + 1
        return tuple(values) if isinstance(returned, tuple) else values[0]

    setattr(pipeline, ENCODER, encode)
    try:
        yield count
    finally:
        delattr(pipeline, ENCODER)


def encode(
    pipeline: Any, prompts: list[str], device: Any = None, longest: int | None = None
) -> dict[str, tuple[Any, Tensor | None]]:  # fmt: skip
    """Embeddings of prompts by the pipeline's own encoder: name → (value, mask). longest: tokens, where it pads to a length."""
    method = getattr(pipeline, ENCODER)
    known: Mapping[str, Any] = {
        "prompt": prompts, "device": device or getattr(pipeline, "_execution_device", torch.device("cpu")),
        "num_images_per_prompt": 1, "num_videos_per_prompt": 1, "do_classifier_free_guidance": False, "batch_size": len(prompts),
    }  # fmt: skip
    given = {}
    for name, p in inspect.signature(method).parameters.items():
        if p.kind in (p.VAR_KEYWORD, p.VAR_POSITIONAL):
            continue
        if name in known:
            given[name] = known[name]
        elif longest is not None and name == "max_sequence_length":
            given[name] = min(longest, p.default) if isinstance(p.default, int) else longest
        elif p.default is p.empty:
            given[name] = None
    with torch.no_grad():
        values = as_tuple(method(**given))
    names = names_of(pipeline)
    return {p.name: (values[p.place], values[p.mask] if p.mask is not None else None) for p in parts_of(names, values)}
