"""What callers hand over, checked once at the door: numbers, sizes, names, paths, texts, pixels; of numpy, torch and Pillow too."""

from __future__ import annotations

import operator
import os
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genstudio.errors import InputError, MediaError, suggest

if TYPE_CHECKING:
    from genstudio.protocols import U8

SIZES = (64, 2048)  # shortest and longest side of pictures and videos, pixels
MAX_SEED = 2**53 - 1  # what every reader of a JSON sidecar keeps exactly


def whole(name: str, value: Any, low: int, high: int) -> int:
    """A whole number within low..high. Raises InputError.

    >>> whole("takes", 3.0, 1, 100)
    3
    """
    try:
        number = _integer(value)
    except TypeError:
        number = low - 1
    if not low <= number <= high:
        raise InputError(f"{name} is {value!r}; it must be a whole number from {low} to {high}")
    return number


def number(name: str, value: Any, low: float, high: float) -> float:
    """A number within low..high. Raises InputError, for a nan too.

    >>> number("strength", 1, 0, 2)
    1.0
    """
    value = plain(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
        raise InputError(f"{name} is {value!r}; it must be a number from {low:g} to {high:g}")
    return float(value)


def choice(name: str, value: Any, valid: Collection[str]) -> str:
    """One of the valid names. Raises InputError.

    >>> choice("style", "oil", ("oil", "ink"))
    'oil'
    """
    if not isinstance(value, str) or value not in valid:
        raise InputError(f"{name} is {value!r}; valid: {', '.join(valid)}{suggest(value, list(valid))}")
    return value


def path_of(value: Any, what: str) -> Path:
    """A path given as text, bytes or a path, `~` being the home folder. Raises MediaError.

    >>> path_of(b"clip.wav", "a recording").name
    'clip.wav'
    """
    try:
        return Path(os.fsdecode(value)).expanduser()
    except (TypeError, RuntimeError):
        raise MediaError(f"{what} is a file's path; got {value!r}") from None


def _integer(value: Any) -> int:
    if isinstance(value, bool):
        raise TypeError("true and false are no numbers")
    return int(value) if isinstance(value, float) and value.is_integer() else operator.index(value)


def sides(size: Any) -> tuple[int, int]:
    """(width, height) of one number for a square, or of a pair, in pixels within `SIZES`. Raises InputError."""
    pair = (size, size)
    if getattr(size, "ndim", 1) and hasattr(size, "__len__") and not isinstance(size, str):
        pair = tuple(size)
    try:
        width, height = map(_integer, pair)
    except (TypeError, ValueError):
        raise InputError(f"a size is a whole number of pixels, or a pair (width, height); got {size!r}") from None
    if not all(SIZES[0] <= side <= SIZES[1] for side in (width, height)):
        raise InputError(f"sizes lie within {SIZES[0]} to {SIZES[1]} pixels; got {width} x {height}")
    return width, height


def unicode(text: str, what: str, error: type[InputError] = InputError) -> str:
    """The text, unless it holds what is no character (half a surrogate pair, bytes of another encoding). Raises `error`."""
    if any("\ud800" <= c <= "\udfff" for c in text):
        raise error(f"{what} holds bytes that are no UTF-8 text; save or type it as UTF-8")
    return text


def named(what: str, value: Any) -> str | None:
    """A name, or None for the default. Raises InputError for an empty one."""
    if value is not None and (not isinstance(value, str) or not value.strip()):
        raise InputError(f"{what} is {value!r}; give a name, or leave it out for the default")
    return value


def plain_numbers(options: Mapping[str, Any]) -> dict[str, Any]:
    """Options with numpy's and torch's single numbers as Python's, which engines check and sidecars hold."""
    return {k: plain(v) for k, v in options.items()}


def plain(value: Any) -> Any:
    """numpy's or torch's single number as Python's; anything else as it is."""
    return value.item() if hasattr(value, "item") and getattr(value, "ndim", 1) == 0 else value


def rgb(picture: Any, what: str) -> U8:
    """uint8 [height, width, 3] of an array, a tensor or a Pillow image. Raises MediaError."""
    import numpy as np

    if hasattr(picture, "convert") and hasattr(picture, "getbands"):
        picture = picture.convert("RGB")
    pixels = np.asarray(picture)
    if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 3 or min(pixels.shape) == 0:
        shape = f"{pixels.dtype} {list(pixels.shape)}"
        raise MediaError(f"{what} is a file, a Pillow image or uint8 [height, width, 3] RGB; got {shape}")
    return pixels
