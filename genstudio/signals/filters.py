"""Filters of pictures that several rooms need."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from genstudio.protocols import F32


def guided_filter(guide: F32, x: F32, radius: int, eps: float) -> F32:
    """Edge-keeping smoothing of x [h, w] along a grey guide [h, w], 0..1 (He, Sun & Tang 2010). radius: pixels."""
    import cv2

    size = (2 * radius + 1, 2 * radius + 1)

    def mean(a: F32) -> F32:
        return cv2.blur(a, size)  # type: ignore[return-value]

    m, n = mean(guide), mean(x)
    a = (mean(guide * x) - m * n) / (mean(guide * guide) - m * m + eps)
    return mean(a) * guide + mean(n - a * m)
