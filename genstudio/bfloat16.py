"""Half-width numbers for networks that bear them, on processors that multiply them faster."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any


@cache
def is_fast() -> bool:
    """Whether this processor multiplies bfloat16 faster than float32."""
    try:
        flags = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return False
    return "avx512_bf16" in flags or "amx_bf16" in flags


def where_fast() -> Any:
    """A context in which torch's CPU convolutions and products run in bfloat16 if that is faster here (8 bits of mantissa; for
    networks whose readings were seen not to change by it)."""
    import torch

    return torch.autocast("cpu", torch.bfloat16, enabled=is_fast())
