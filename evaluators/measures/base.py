"""How a measure is declared."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, ParamSpec, TypeVar

import numpy as np
from numpy.typing import NDArray

from genstudio.errors import InputError

P = ParamSpec("P")
R = TypeVar("R")
Labels = Sequence[Any] | NDArray[Any]
Numbers = Sequence[float] | NDArray[Any]


@dataclass(frozen=True)
class Measure(Generic[P, R]):
    """A pure function with its range (`low` to `high`) and whether 'higher' or 'lower' is better."""

    function: Callable[P, R]
    name: str
    low: float
    high: float
    better: str

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        return self.function(*args, **kwargs)

    @property
    def __doc__(self) -> str | None:  # type: ignore[override]
        return self.function.__doc__

    @property
    def __wrapped__(self) -> Callable[P, R]:
        return self.function


MEASURES: dict[str, Measure[Any, Any]] = {}


def measure(low: float = 0.0, high: float = 1.0, better: str = "higher") -> Callable[[Callable[P, R]], Measure[P, R]]:
    """Declares a function a measure."""

    def wrap(function: Callable[P, R]) -> Measure[P, R]:
        made = Measure(function, function.__name__, low, high, better)
        MEASURES[made.name] = made
        return made

    return wrap


INF = math.inf


def pair(a: Numbers, b: Numbers, least: int = 1) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Two equally long finite vectors as float64, or an InputError."""
    x, y = np.asarray(a, np.float64).ravel(), np.asarray(b, np.float64).ravel()
    if x.shape != y.shape or x.size < least:
        raise InputError(f"two sequences of equal length, at least {least}, are needed; got {x.size} and {y.size}")
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise InputError("the sequences hold values that are not finite")
    return x, y
