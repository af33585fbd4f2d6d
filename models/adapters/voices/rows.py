"""Random numbers of a batch, row by row: each row draws from its own seed what it would draw alone.

Libraries draw for a whole batch from one stream, so that what a row gets depends on its neighbours. Here the draws made by torch's
functions are divided by rows, each from a generator of its own; where padding made a row longer than it is, only its own part is
drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

_SHAPED: dict[Any, Callable[..., Tensor]] = {torch.randn: torch.Tensor.normal_, torch.rand: torch.Tensor.uniform_}
_LIKE: dict[Any, Callable[..., Tensor]] = {
    torch.randn_like: torch.Tensor.normal_,
    torch.rand_like: torch.Tensor.uniform_,
}
_CHOICES = (torch.multinomial, torch.Tensor.multinomial, torch.bernoulli, torch.Tensor.bernoulli)


class Indivisible(Exception):
    """A model drew something that belongs to no row."""


class Rows(TorchFunctionMode):
    """While it lasts, a batch of as many rows as there are seeds draws row by row.

    lengths: tokens of each row, where they were padded; uneven: whether sounds of different lengths went in. Raises `Indivisible`
    for a draw without rows, unless all seeds are one, and for one over sounds whose own lengths cannot be seen.
    """

    def __init__(self, seeds: Sequence[int], device: Any, lengths: Sequence[int] = (), uneven: bool = False) -> None:
        super().__init__()
        self._makers = [torch.Generator(device).manual_seed(int(s)) for s in seeds]
        self._alike = len(set(seeds)) == 1
        self._lengths, self._uneven = list(lengths), uneven

    def __torch_function__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if kwargs.get("generator") is None:
            if function in _SHAPED:
                return self._shaped(_SHAPED[function], args, dict(kwargs))
            if function in _LIKE:
                return self._like(_LIKE[function], *args, **kwargs)
            if function in _CHOICES:
                return self._choice(function, *args, **kwargs)
        return function(*args, **kwargs)

    def _parts(self, leading: int) -> int:
        """How many of a tensor's leading entries belong to a row. Raises Indivisible."""
        if leading % len(self._makers):
            raise Indivisible
        return leading // len(self._makers)

    def _shaped(self, fill: Callable[..., Tensor], args: Sequence[Any], kwargs: dict[str, Any]) -> Tensor:
        given: Any = kwargs.pop("size", None) or list(args)
        size = [int(n) for n in (given[0] if given and isinstance(given[0], (tuple, list)) else given)]
        if not size:
            raise Indivisible
        k, rows, out = self._parts(size[0]), len(self._makers), torch.zeros(size, **kwargs)
        padded = bool(self._lengths) and len(size) > 2 and size[-1] == max(self._lengths)
        for i, maker in enumerate(self._makers):
            n = self._lengths[i] if padded else size[-1]
            own = torch.empty([k, *size[1:-1], n] if len(size) > 1 else [k], **kwargs)
            fill(own, generator=maker)
            place = out[i::rows]  # guided models stack the rows once more below
            (place[..., :n] if len(size) > 1 else place).copy_(own)
        return out

    def _like(self, fill: Callable[..., Tensor], given: Tensor, **kwargs: Any) -> Tensor:
        """Entries that are 0 to the end of a row are padding: they come from masks."""
        if self._uneven and given.ndim > 2:
            raise Indivisible
        k = self._parts(given.shape[0])
        out = torch.zeros_like(given, **kwargs)
        turned = given.ndim == 3 and not given.is_contiguous() and given.transpose(1, 2).is_contiguous()
        for i, maker in enumerate(self._makers):
            row = given[i * k : (i + 1) * k]
            there = (row != 0).reshape(-1, row.shape[-1]).any(0).nonzero()
            n = int(there[-1]) + 1 if len(there) and row.ndim > 1 else row.shape[-1]
            cut = row[..., :n]
            cut = cut.transpose(1, 2).contiguous().transpose(1, 2) if turned else cut.contiguous()
            out[i * k : (i + 1) * k, ..., :n] = fill(torch.empty_like(cut, **kwargs), generator=maker)
        return out

    def _choice(self, function: Any, given: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        if given.ndim < 2 or given.shape[0] % len(self._makers) or (function in _CHOICES[2:] and given.ndim < 3):
            if not self._alike:
                raise Indivisible
            return self._together(function, given, *args, **kwargs)
        k = self._parts(given.shape[0])
        rows = [
            function(given[i * k : (i + 1) * k], *args, **kwargs, generator=maker)
            for i, maker in enumerate(self._makers)
        ]
        return torch.cat(rows)

    def _together(self, function: Any, given: Tensor, *args: Any, **kwargs: Any) -> Tensor:
        """One draw for all rows: every row's own stream would give it, and goes on behind it."""
        drawn = [function(given, *args, **kwargs, generator=maker) for maker in self._makers]
        return drawn[0]
