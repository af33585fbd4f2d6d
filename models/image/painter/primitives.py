"""The list of things to draw: foliage dabs, tapered segments, textured quads, boulders, puffs of smoke, lamps and
their shadows, in world space (metres).
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from ..scene import Mood
from .view import WALL, WOOD

PLAIN: Final = (0, 1, 1, 0, 0, 0, 0, 99)  # texture: kind, bay, floor, lit, broken, seed, style, wall height
QUAD, DAB, SEG, BLOB, PUFF = 37, 16, 13, 18, 10


def texture(kind: int, seed: int = 3) -> tuple[float, ...]:
    """0 plain, 1 ashlar courses, 2 planks, 3 roof tiles, 4 rough stone."""
    return (kind, 1, 1, 0, 0, seed % 9973, 0, 99)


def windows(
    mood: Mood, seed: int, style: int, wall: float, bay: float = 2.4, floor: float = 3.1, lit: float = 1.0
) -> tuple[float, ...]:
    """A facade with bays and floors of windows; the mood decides how many are lit, broken or boarded."""
    return (5, bay, floor, min(0.85, mood["lights"] * lit), mood["broken"], seed % 9973, style, wall)


class Prims:
    """Collects primitives; `arrays()` hands them to the rasteriser."""

    def __init__(self, mood: Mood, sun: np.ndarray) -> None:
        self.mood, self.sun = mood, sun
        self.quads_: list[np.ndarray] = []
        self.dabs_: list[np.ndarray] = []
        self.feet: list[np.ndarray] = []  # ground height below each dab
        self.segs_: list[np.ndarray] = []
        self.blobs_: list[np.ndarray] = []
        self.puffs_: list[np.ndarray] = []
        self.lamps: list[np.ndarray] = []
        self.casts: list[np.ndarray] = []
        self.beams: list[tuple[float, float, float, float]] = []  # lighthouse lamps: x, y, z, power

    def quads(
        self,
        p: Any,
        colour: Any,
        material: int = WALL,
        tex: Any = PLAIN,
        uv: Any = None,
        centre: Any = None,
        ragged: float = 0.0,
        glow: float = 0.0,
    ) -> None:
        """Convex quads [n, 4, 3] (repeat a corner for a triangle). Normals point away from `centre`, else toward the
        viewer.

        uv: [n, 4, 2] metres on the wall; colour: [3] or [n, 3]; ragged: broken upper edge; glow: share of colour
        emitted."""
        p = np.asarray(p, float).reshape(-1, 4, 3)
        n = len(p)
        normal = np.cross(p[:, 1] - p[:, 0], p[:, 2] - p[:, 0])
        thin = (normal * normal).sum(1) < 1e-18
        if thin.any():
            normal[thin] = np.cross(p[thin, 2] - p[thin, 0], p[thin, 3] - p[thin, 0])
        normal /= np.linalg.norm(normal, axis=1, keepdims=True) + 1e-12
        middle = p.mean(1)
        out = middle - np.asarray(centre, float) if centre is not None else -middle
        normal[(normal * out).sum(1) < 0] *= -1
        row = np.empty((n, QUAD))
        corner = row[:, :20].reshape(n, 4, 5)
        corner[:, :, :3] = p
        corner[:, :, 3:] = 0 if uv is None else np.asarray(uv, float).reshape(-1, 4, 2)
        row[:, 20:23], row[:, 23:26], row[:, 26] = normal, colour, material
        row[:, 27:35], row[:, 35], row[:, 36] = tex, ragged, glow
        self.quads_.append(row)

    def seg(self, a: Any, ra: float, b: Any, rb: float, colour: Any, material: int = WOOD, glow: float = 0.0) -> None:
        """A tapered round bar from a (radius ra) to b (radius rb)."""
        self.segs_.append(np.array([[*a, ra, *b, rb, *colour, material, glow]]))

    def segs(self, a: Any, ra: Any, b: Any, rb: Any, colour: Any, material: int = WOOD, glow: float = 0.0) -> None:
        """Many bars: a, b [n, 3]."""
        a = np.asarray(a, float).reshape(-1, 3)
        row = np.empty((len(a), SEG))
        row[:, 0:3], row[:, 3], row[:, 4:7], row[:, 7] = a, ra, b, rb
        row[:, 8:11], row[:, 11], row[:, 12] = colour, material, glow
        self.segs_.append(row)

    def dabs(
        self,
        at: Any,
        radius: Any,
        aspect: Any,
        angle: Any,
        colour: Any,
        normal: Any,
        material: int,
        glow: Any = 0.0,
        rag: float = 0.5,
        ambient: Any = 1.0,
        foot: Any = 0.0,
    ) -> None:
        """Flat touches facing the viewer: leaves, petals, heads, spray. at [n, 3]; rag: ragged outline; foot: ground
        height (shadow).
        """
        at = np.asarray(at, float).reshape(-1, 3)
        row = np.empty((len(at), DAB))
        row[:, 0:3], row[:, 3], row[:, 4], row[:, 5] = at, radius, aspect, angle
        row[:, 6:9], row[:, 9:12], row[:, 12], row[:, 13], row[:, 14], row[:, 15] = (
            colour,
            normal,
            material,
            glow,
            rag,
            ambient,
        )
        self.dabs_.append(row)
        self.feet.append(np.broadcast_to(np.asarray(foot, float), (len(at),)))

    def blob(
        self,
        at: Any,
        size: Any,
        colour: Any,
        material: int,
        seed: int,
        rough: float = 0.3,
        facets: float = 0.0,
        turn: float = 0.0,
        cap: Any = None,
    ) -> None:
        """A rounded solid: centre, half axes (across, up, deep). rough: lumpy outline; facets: chiselled planes;
        turn: tilt in the picture;
        cap: colour of the upward parts (snow, moss)."""
        row = np.zeros((1, BLOB))
        row[0, 0:3], row[0, 3:6], row[0, 6], row[0, 7:10], row[0, 10] = at, size, turn, colour, material
        row[0, 11], row[0, 12], row[0, 13] = seed % 9973, rough, facets
        if cap is not None:
            row[0, 14], row[0, 15:18] = 1.0, cap
        self.blobs_.append(row)

    def puff(
        self, x: float, y: float, z: float, radius: float, aspect: float, colour: Any, alpha: float, seed: float = 0.0
    ) -> None:
        """A soft translucent puff (smoke, spray, flame glow)."""
        self.puffs_.append(np.array([[x, y, z, radius, aspect, *colour, alpha, seed]]))

    def puffs(self, at: Any, radius: Any, aspect: Any, colour: Any, alpha: Any, seed: Any) -> None:
        """Many puffs: at [n, 3]."""
        at = np.asarray(at, float).reshape(-1, 3)
        row = np.empty((len(at), PUFF))
        row[:, 0:3], row[:, 3], row[:, 4], row[:, 5:8], row[:, 8], row[:, 9] = at, radius, aspect, colour, alpha, seed
        self.puffs_.append(row)

    def lamp(self, x: float, y: float, z: float, colour: Any, reach: float) -> None:
        """A light that brightens what is near it; reach: metres."""
        self.lamps.append(np.array([x, y, z, *colour, reach]))

    def shadow(self, a: Any, b: Any, height: float, base: float) -> None:
        """The shadow on the ground (height `base`) of an upright wall from a to b."""
        lx, ly, lz = self.sun
        k = height / max(ly, 0.16)
        o = np.array([-lx * k, 0, -lz * k])
        a, b = np.array([a[0], base, a[2]]), np.array([b[0], base, b[2]])
        self.casts.append(np.concatenate([a, b, b + o, a + o]))

    def prism(
        self,
        centre: Any,
        base: float,
        height: float,
        r0: float,
        r1: float,
        sides: int,
        colour: Any,
        kind: int = 0,
        ragged: float = 0.0,
        seed: int = 0,
        yaw: float = 0.0,
        material: int = WALL,
        lit: float = 0.0,
        shadow: bool = True,
        bay: tuple[float, float] = (2.2, 3.2),
        glow: float = 0.0,
    ) -> None:
        """A round or many-sided tower, or a cone (r1 = 0.01). centre: x, z."""
        a = yaw + np.arange(sides + 1) * 2 * np.pi / sides
        per = 2 * np.pi * r0 / sides
        low = np.c_[centre[0] + np.cos(a) * r0, np.full(sides + 1, base), centre[1] + np.sin(a) * r0]
        top = np.c_[centre[0] + np.cos(a) * r1, np.full(sides + 1, base + height), centre[1] + np.sin(a) * r1]
        p = np.stack([low[:-1], low[1:], top[1:], top[:-1]], 1)
        s = np.arange(sides)[:, None] * per
        uv = np.stack(
            [np.c_[s, 0 * s], np.c_[s + per, 0 * s], np.c_[s + per, 0 * s + height], np.c_[s, 0 * s + height]], 1
        )
        tex = (kind, bay[0], bay[1], lit, self.mood["broken"], seed % 9973, 3, height)
        self.quads(p, colour, material, tex, uv, (centre[0], base + height / 2, centre[1]), ragged, glow)
        if shadow:
            self.shadow((centre[0] - r0, 0, centre[1]), (centre[0] + r0, 0, centre[1]), height, base)

    def box(
        self,
        centre: Any,
        base: float,
        width: float,
        depth: float,
        height: float,
        yaw: float,
        colour: Any,
        tex: Any = PLAIN,
        ragged: float = 0.0,
        top: bool = False,
        shadow: bool = True,
        material: int = WALL,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Four walls (and a lid). Returns the base corners [4, 3] and the centre [3]."""
        cs, sn = np.cos(yaw), np.sin(yaw)
        k = np.array(
            [(-width / 2, -depth / 2), (width / 2, -depth / 2), (width / 2, depth / 2), (-width / 2, depth / 2)]
        )
        b = np.c_[centre[0] + k[:, 0] * cs - k[:, 1] * sn, np.full(4, base), centre[1] + k[:, 0] * sn + k[:, 1] * cs]
        e = np.roll(b, -1, 0)
        up = np.array([0, height, 0])
        mid = np.array([centre[0], base + height / 2, centre[1]])
        run = np.linalg.norm(e - b, axis=1)[:, None]
        o = np.zeros((4, 1))
        uv = np.stack([np.c_[o, o], np.c_[run, o], np.c_[run, o + height], np.c_[o, o + height]], 1)
        self.quads(np.stack([b, e, e + up, b + up], 1), colour, material, tex, uv, mid, ragged)
        if top:
            self.quads((b + up)[None], np.asarray(colour) * 1.05, material, PLAIN, None, mid)
        if shadow:
            for i in range(4):
                self.shadow(b[i], e[i], height, base)
        return b, mid

    def gable(
        self,
        b: np.ndarray,
        eaves: float,
        rise: float,
        colour: Any,
        wall: Any,
        seed: int,
        centre: Any,
        over: float = 0.35,
    ) -> None:
        """A pitched roof over a box's base corners, ridge along its longer axis b0-b1."""
        m0, m1 = (b[0] + b[3]) / 2, (b[1] + b[2]) / 2
        e = (m1 - m0) / (np.linalg.norm(m1 - m0) + 1e-9) * over

        def at(q: np.ndarray, h: float) -> np.ndarray:
            return np.array([q[0], h, q[2]])

        r0, r1 = at(m0 - e, eaves + rise), at(m1 + e, eaves + rise)
        low = eaves - over * 0.6
        run = float(np.linalg.norm(r1 - r0))
        slopes = []
        for p, q, far in ((b[0], b[1], b[3]), (b[3], b[2], b[0])):
            o = (p - far) / (np.linalg.norm(p - far) + 1e-9) * over
            slopes.append([at(p - e + o, low), at(q + e + o, low), r1, r0])
        self.quads(slopes, colour, WALL, texture(3, seed), [[[0, 0], [run, 0], [run, 4], [0, 4]]] * 2, centre)
        ends = [
            [at(p, eaves), at(q, eaves), at(m, eaves + rise), at(m, eaves + rise)]
            for p, q, m in ((b[0], b[3], m0), (b[1], b[2], m1))
        ]
        self.quads(ends, np.asarray(wall) * 0.95, WALL, PLAIN, None, centre)

    @staticmethod
    def _stack(rows: list[np.ndarray], width: int) -> np.ndarray:
        return np.ascontiguousarray(np.concatenate(rows)) if rows else np.zeros((0, width))

    def arrays(self) -> dict[str, np.ndarray]:
        """Rows for the kernels, by kind."""
        return {
            "quads": self._stack(self.quads_, QUAD),
            "dabs": self._stack(self.dabs_, DAB),
            "feet": np.concatenate(self.feet) if self.feet else np.zeros(0),
            "segs": self._stack(self.segs_, SEG),
            "blobs": self._stack(self.blobs_, BLOB),
            "puffs": self._stack(self.puffs_, PUFF),
            "lamps": np.array(self.lamps) if self.lamps else np.zeros((0, 7)),
            "casts": np.array(self.casts) if self.casts else np.zeros((0, 12)),
        }
