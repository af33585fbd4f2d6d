"""`--load`: how an engine is loaded, in plain words, checked against what the engine's own `load` takes."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any

from genstudio.errors import InputError, MissingError, suggest

WORD = re.compile(r"[A-Za-z]\w*(-\w+)*=\S*")
_OTHER_NAMES = {"torch_dtype": "dtype"}  # as the libraries call them
_OTHER_WORDS = {
    "fp32": "float32", "fp16": "float16", "bf16": "bfloat16", "float": "float32", "half": "float16", "gpu": "cuda"
}  # fmt: skip
_YES, _NO = ("true", "yes", "on", "1"), ("false", "no", "off", "0")


def folded(words: Sequence[str]) -> list[str]:
    """A command line on which all NAME=VALUE that follow a `--load` belong to it.

    >>> folded(["paint", "a lake", "--load", "dtype=float16", "device=cuda", "-o", "x.png"])
    ['paint', 'a lake', '--load', 'dtype=float16', '--load', 'device=cuda', '-o', 'x.png']
    """
    out: list[str] = []
    inside = 0  # 1 behind --load, 2 behind its first value
    for word in words:
        if inside == 2 and WORD.fullmatch(word):
            out.append("--load")
        else:
            inside = 1 if word == "--load" else 2 if inside == 1 else 0
        out.append(word)
    return out


def load_options(key: str, items: Sequence[str]) -> dict[str, Any]:
    """Options of the `load` of the engine `key`, from words 'NAME=VALUE', several in one divided by spaces or commas.

    Raises InputError in one line for a name the engine does not know, or a value it does not take.
    """
    takes = _takes(key)
    out: dict[str, Any] = {}
    for word in _words(items):
        name, mark, value = word.partition("=")
        if not mark or not name:
            raise InputError(f"--load takes NAME=VALUE, such as dtype=float16; got '{word}'")
        name = name.strip().replace("-", "_").lower()
        if name == "device_map":  # the libraries' word for both
            name, value = ("offload", "yes") if value == "auto" else ("device", value)
        if name not in takes:
            name = _OTHER_NAMES.get(name, name)
        if takes and name not in takes:
            raise InputError(
                f"{key} is not loaded with '{name}'; valid: {', '.join(takes)}" + suggest(name, tuple(takes))
            )
        out[name] = _value(name, value.strip().strip("'\""), takes.get(name))
    return out


def _words(items: Sequence[str]) -> list[str]:
    """Divided where another NAME= begins, so that a value may hold commas and spaces of its own."""
    return [w for item in items for w in re.split(r"[\s,]+(?=[A-Za-z][\w-]*=)", item.strip()) if w]


def _value(name: str, text: str, parameter: inspect.Parameter | None) -> Any:
    if not text:
        raise InputError(f"--load {name}= has no value; write {name}=VALUE")
    kind = "" if parameter is None else str(parameter.annotation)
    if kind.startswith("bool"):
        if text.lower() not in (*_YES, *_NO):
            raise InputError(f"--load {name} takes yes or no; got '{text}'")
        return text.lower() in _YES
    for number in (int, float):
        if kind.startswith(number.__name__):
            try:
                return number(text)
            except ValueError:
                what = "a whole number" if number is int else "a number"
                raise InputError(f"--load {name} takes {what}; got '{text}'") from None
    if name in ("dtype", "device"):
        return _OTHER_WORDS.get(text.lower().removeprefix("torch."), text.removeprefix("torch."))
    return text


def _takes(key: str) -> Mapping[str, inspect.Parameter]:
    """What the engine's `load` takes beside what its key says; {} where it cannot be seen."""
    from genstudio import registry

    entry = registry.find(key)
    module, _, attribute = entry.target.partition(":")
    try:
        thing: Callable[..., Any] = getattr(import_module(module), attribute)
    except ModuleNotFoundError as error:
        raise MissingError(f"{key} needs the module '{error.name}', which is not installed") from None
    found = inspect.signature(getattr(thing, "load", thing)).parameters
    return {k: p for k, p in found.items() if k not in (*entry.options, "spec", "self", "cls")}
