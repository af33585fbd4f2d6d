"""The whole portrait around the animated square."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from genstudio.protocols import Motion

if TYPE_CHECKING:
    from genstudio.protocols import F32, U8

    from .animator import Animator

_EDGE = 0.06  # share of the square over which it passes into the still portrait


@dataclass(frozen=True)
class Whole:
    """picture uint8 [h, w, 3]: the portrait at the size asked for; the square lies at left, top (pixels, may be negative),
    `side` pixels wide; weight float32 [side, side, 1]: its share."""

    animator: Animator
    picture: U8
    left: int
    top: int
    side: int
    weight: F32

    @classmethod
    def of(cls, animator: Animator, portrait: U8, size: int) -> Whole:
        """size: pixels of the longer side of the frames; both sides are made even."""
        h, w = portrait.shape[:2]
        k = size / max(h, w)
        width, height = (max(64, round(x * k / 2) * 2) for x in (w, h))
        method = cv2.INTER_AREA if k < 1 else cv2.INTER_CUBIC
        picture = np.asarray(cv2.resize(portrait, (width, height), interpolation=method), np.uint8)
        sx, sy = width / w, height / h
        crop = animator.crop
        side = max(2, round(crop.side * sx))
        left, top = round(crop.left * sx), round(crop.top * sy)
        ramp = np.clip(np.minimum(np.arange(side) + 0.5, side - np.arange(side) - 0.5) / (_EDGE * side), 0, 1)
        across = ramp if left > 0 or left + side < width else np.ones(side)
        down = ramp.copy()
        if top <= 0:
            down[: side // 2] = 1
        if top + side >= height:
            down[side // 2 :] = 1
        weight = np.minimum(down[:, None], across[None])[..., None].astype(np.float32)
        return cls(animator, picture, left, top, side, weight)

    @property
    def size(self) -> tuple[int, int]:
        """Width, height in pixels."""
        return self.picture.shape[1], self.picture.shape[0]

    def frames(self, motion: Motion) -> Iterator[U8]:
        """The portrait with its head moving, uint8 [h, w, 3]."""
        h, w = self.picture.shape[:2]
        x0, y0 = max(self.left, 0), max(self.top, 0)
        x1, y1 = min(self.left + self.side, w), min(self.top + self.side, h)
        mine = (slice(y0 - self.top, y1 - self.top), slice(x0 - self.left, x1 - self.left))
        share = self.weight[mine]
        for frame in self.animator.frames(motion):
            method = cv2.INTER_AREA if frame.shape[0] > self.side else cv2.INTER_LINEAR
            square = cv2.resize(frame, (self.side, self.side), interpolation=method)[mine]
            out = self.picture.copy()
            under = out[y0:y1, x0:x1]
            under[:] = (under + share * (square.astype(np.float32) - under) + 0.5).astype(np.uint8)
            yield out
