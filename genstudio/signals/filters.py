"""Filters of pictures that several rooms need."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray


def guided_filter(guide: NDArray[Any], x: NDArray[Any], radius: int, eps: float) -> NDArray[Any]:
    """Edge-keeping smoothing of x [h, w] along a grey guide [h, w], 0..1 (He, Sun & Tang 2010). radius: pixels."""
    import cv2
    import numpy as np

    size = (2 * radius + 1, 2 * radius + 1)

    def mean(a: NDArray[Any]) -> NDArray[Any]:
        return np.asarray(cv2.blur(a, size))

    m, n = mean(guide), mean(x)
    a = (mean(guide * x) - m * n) / (mean(guide * guide) - m * m + eps)
    return mean(a) * guide + mean(n - a * m)
