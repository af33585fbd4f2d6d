"""How many threads the small networks take: one.

They gain little from a second, and when another program holds one core, torch's threads wait for each other spinning: a window of
motion then took 9 s instead of 0.3. One thread also gives the same bits on every machine.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def one_thread() -> Iterator[None]:
    """torch works on one thread inside; also a decorator, `@one_thread()`."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
