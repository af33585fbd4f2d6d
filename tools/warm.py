"""Warm the compiled loops once, after installing, so that the first picture and the first head come at full speed.

numba's cache belongs to one processor and cannot be shipped.
"""

from __future__ import annotations

import sys
import time
from importlib import import_module

MODULES = ("genstudio.models.image.painter.warm", "genstudio.models.talking_head.animator.warm")


def main() -> None:
    """Call `warm()` of every module that has compiled loops."""
    for name in MODULES:
        start = time.perf_counter()
        import_module(name).warm()
        print(f"warmed {name} in {time.perf_counter() - start:.0f} s", file=sys.stderr)


if __name__ == "__main__":
    main()
