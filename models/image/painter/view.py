"""What every stage shares: the camera in pixels, the picture buffers, material ids, and a helper that runs kernels in
bands on threads.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from typing import Any, Final

import numpy as np

from ..scene import Camera
from ..scene.grid import LN_DEPTH

SKY, GRASS, DIRT, SAND, ROCK, SNOW, WATER, PAVE, FIELD, LEAF, WALL, WOOD, FOAM = range(13)
MATERIALS: Final = 13
SOIL: Final = (GRASS, DIRT, SAND, SNOW, PAVE, FIELD)  # ground that may be redecided per pixel

# indices into View.p, the float64 vector that kernels take
F, CX, YH, EYE, NEAR, LN, UMAX, UNIT = range(8)


@dataclass(frozen=True)
class View:
    """The camera over a raster. width, height: pixels of the (supersampled) buffers. f: focal length in pixels. cx:
    column of u = 0.
    yh: row of the horizon. unit: sqrt(width * height), for sizes that should not depend on the aspect ratio."""

    camera: Camera
    width: int
    height: int
    f: float
    cx: float
    yh: float

    @classmethod
    def of(cls, camera: Camera, width: int, height: int, focus_x: float) -> View:
        """The longer side spans the maps' width; a tall picture is cut out around the focus."""
        f = camera.focal * max(width, height)
        spare = max(0, height - width)
        shift = np.clip((focus_x - 0.5) * height, -spare / 2, spare / 2)
        return cls(camera, width, height, f, width / 2 - float(shift), camera.horizon * height)

    @property
    def unit(self) -> float:
        return float(np.sqrt(self.width * self.height))

    @property
    def near(self) -> float:
        return self.camera.near

    @property
    def p(self) -> np.ndarray:
        """Float64 [8] for kernels: f, cx, yh, eye, near, LN_DEPTH, u_max, unit."""
        c = self.camera
        return np.array([self.f, self.cx, self.yh, c.eye, c.near, LN_DEPTH, c.u_max, self.unit])

    def up(self, z: float, share: float) -> float:
        """Height in metres, at a distance, of what stands that share of the way from the horizon to the picture's upper edge."""
        return self.camera.eye + z * (self.yh / self.f) * share

    def project(self, x: float, y: float, z: float) -> tuple[float, float]:
        """Pixel column and row of a world point (metres: right, up, away)."""
        return self.cx + x * self.f / z, self.yh - (y - self.camera.eye) * self.f / z


@dataclass
class Buffers:
    """The picture before light, all [height, width]: distance, normal, albedo, emission, material, sunlit share,
    height above the
    ground plane (m), ambient share, stroke direction (radians)."""

    depth: np.ndarray
    normal: np.ndarray
    albedo: np.ndarray
    emission: np.ndarray
    material: np.ndarray
    sunlit: np.ndarray
    rise: np.ndarray
    ambient: np.ndarray
    direction: np.ndarray
    extra: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def empty(cls, height: int, width: int) -> Buffers:
        def one(v: float = 0.0) -> np.ndarray:
            return np.full((height, width), v, np.float32)

        def three() -> np.ndarray:
            return np.zeros((height, width, 3), np.float32)

        return cls(
            one(1e9), three(), three(), three(), np.zeros((height, width), np.uint8), one(1), one(), one(1), one()
        )

    @property
    def all(self) -> tuple[np.ndarray, ...]:
        """In the order the primitive kernels take them."""
        return (
            self.depth, self.albedo, self.normal, self.material, self.emission, self.rise, self.ambient,
            self.direction, self.sunlit,
        )  # fmt: skip


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(threads(), thread_name_prefix="paint")


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_pool.cache_clear)  # a forked process has none of its parent's threads


def threads() -> int:
    """Worker threads: the usable cores, at most 8; GENSTUDIO_THREADS or OMP_NUM_THREADS lowers it."""
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    for name in ("GENSTUDIO_THREADS", "OMP_NUM_THREADS"):
        value = os.environ.get(name, "")
        if value.isdigit() and int(value) > 0:
            count = min(count, int(value))
    return min(count, 8)


def bands(kernel: Callable[..., None], rows: int, *args: Any) -> None:
    """Run kernel(first_row, last_row, *args) over bands of rows on threads (kernels release the GIL; bands never
    share a pixel).
    """
    n = threads()
    if n == 1 or rows < 64:
        kernel(0, rows, *args)
        return
    cuts = np.linspace(0, rows, 3 * n + 1).astype(int)
    for job in [_pool().submit(kernel, int(a), int(b), *args) for a, b in pairwise(cuts)]:
        job.result()


def each(kernel: Callable[..., None], parts: list[np.ndarray], *args: Any, rest: tuple[Any, ...] = ()) -> None:
    """Run kernel(*args, part, *rest) for every part on threads. The parts must not touch the same pixels."""
    if threads() == 1 or len(parts) == 1:
        for part in parts:
            kernel(*args, part, *rest)
        return
    for job in [_pool().submit(kernel, *args, part, *rest) for part in parts]:
        job.result()
