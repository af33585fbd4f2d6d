"""What covers the ground: crisp borders per pixel, and its colour and stroke direction."""

from __future__ import annotations

import cv2
import numpy as np
from numba import njit

from ..scene import Mood, Scene
from ..scene.colour import from_hex
from .noise import JIT, fbm2, hash2, noise2
from .ramps import ramp
from .terrain import Land
from .view import DIRT, FIELD, GRASS, MATERIALS, PAVE, ROCK, SAND, SKY, SNOW, SOIL, WATER, Buffers, View, bands


def settle(b: Buffers, land: Land, view: View) -> None:
    """Redecide the cover of flat ground per pixel from the soft weights, so that shores and paths show no grid steps."""
    col, row = land.maps_at(b.depth)
    soft = np.stack([cv2.remap(land.weights[s], col, row, cv2.INTER_LINEAR) for s in SOIL])
    best = np.array(SOIL, np.uint8)[soft.argmax(0)]
    water = cv2.remap(land.weights[WATER], col, row, cv2.INTER_LINEAR)
    soil = np.isin(b.material, SOIL)
    near = b.depth < view.near * 40
    flat = (soil | (b.material == WATER)) & (np.abs(b.rise) < 0.010 * b.depth) & near
    wet = flat & (water > soft.max(0))
    dried = flat & (b.material == WATER) & ~wet
    fresh = wet & (b.material != WATER)
    b.material[wet] = WATER
    b.rise[fresh] = 0
    b.normal[fresh] = (0, 1, 0)
    b.material[dried] = GRASS
    low = np.isin(b.material, SOIL) & (b.rise < 0.07 * b.depth) & near
    b.material[low] = best[low]
    bands(_slopes, view.height, b.depth, b.material, b.normal, b.rise, view.p, land.caps, land.seed)


@njit(
    "void(int64, int64, float32[:, ::1], uint8[:, ::1], float32[:, :, ::1], float32[:, ::1], float64[::1], "
    "float64, int64)",
    **JIT,
)
def _slopes(y0, y1, zb, mat, nrm, hgt, p, snow, seed):
    """Rock or snow on steep and high land, per pixel."""
    for y in range(y0, y1):
        for x in range(zb.shape[1]):
            m = mat[y, x]
            z = zb[y, x]
            if (m != 4 and m != 5) or hgt[y, x] < 0.05 * z:
                continue
            u = (x + 0.5 - p[1]) / p[0]
            t = hgt[y, x] / z
            j = 0.12 * fbm2(u * 34, t * 40 + np.log(z) * 7, seed + 5, 5)
            ny = nrm[y, x, 1]
            steep = ny < 0.62 + 1.1 * j
            if t > 0.30 - 0.32 * snow + j * 1.2 and not steep:
                mat[y, x] = 5
            else:
                mat[y, x] = 4


@njit(
    "void(int64, int64, float32[:, ::1], uint8[:, ::1], float32[:, :, ::1], float32[:, ::1], "
    "float64[:, :, ::1], float32[:, :, ::1], float32[:, ::1], float64[::1], float64, float64, int64)",
    **JIT,
)
def _colour(y0, y1, zb, mat, nrm, hgt, cols, alb, ori, p, dunes, tilt, seed):
    width = zb.shape[1]
    f = p[0]
    near = p[4]
    for y in range(y0, y1):
        for x in range(width):
            m = mat[y, x]
            u = (x + 0.5 - p[1]) / f
            if m == 0:
                ori[y, x] = tilt + 0.5 * fbm2(u * 3.0, (y - p[2]) / f * 5.0, seed + 3, 2)
                continue
            z = zb[y, x]
            q = np.log(z / near)
            gx = u * z
            n = fbm2(u * 9, q * 6, seed + 11, 4)
            d = fbm2(u * 60, q * 45, seed + 15, 2)
            if m == 4:
                n += 0.5 * noise2(u * 20, hgt[y, x] / z * 90 + n * 2, seed + 7)  # strata
            t = min(max(0.5 + 0.9 * n + 0.35 * d, 0.0), 1.0)
            k = 1 + (0.05 if m == 3 or m == 5 else 0.22) * d
            if m == 8:  # furrows
                k *= 1 + 0.16 * np.sin(gx * 1.9 + 0.6 * n) * min(1.0, 60 / z)
            elif m == 3:
                if dunes > 0:
                    k *= 1 + 0.07 * dunes * np.sin(q * 150 + 14 * n + u * 40) * min(1.0, 3 * near / z)
                else:
                    k *= 1 + 0.10 * fbm2(u * 22 + n, q * 60, seed + 6, 3) * min(1.0, 4 * near / z)
            elif m == 7:  # setts: courses across the street, joints that fade with distance
                fade = min(1.0, 0.012 * f / z)
                r = np.floor(z / 0.55 + 0.12 * n)
                c = gx / 0.85 + 0.5 * (r % 2) + 0.1 * noise2(gx, z, seed)
                cf = np.floor(c)
                v = hash2(int(cf), int(r), seed)
                k *= 1 + (0.34 * v - 0.17) * min(1.0, fade * 2.0)
                rf = z / 0.55 + 0.12 * n - r
                if rf < 0.10 or c - cf < 0.08:
                    k *= 1 - 0.35 * fade
                t = min(max(t * 0.6 + 0.4 * hash2(int(cf), int(r), seed + 5), 0.0), 1.0)
            elif m == 1:
                k *= 1 - 0.25 * max(0.0, noise2(u * 150, q * 40, seed + 4))
            elif m == 2:  # ruts and pebbles
                k *= 1 + 0.16 * max(0.0, noise2(u * 120, q * 90, seed + 21)) * min(1.0, 6 * near / z)
            row = len(cols) - 1 if m == 5 and hgt[y, x] < 0.05 * z else m
            for c3 in range(3):
                alb[y, x, c3] = (cols[row, 0, c3] * (1 - t) + cols[row, 1, c3] * t) * k
            ny = nrm[y, x, 1]
            if m == 1 or m == 8:
                ori[y, x] = 1.25 + 0.9 * n if z < near * 5 else 0.25 * n
            elif m == 4 or m == 5:
                ori[y, x] = np.arctan2(1 - ny * ny + 0.02, nrm[y, x, 0] * ny) + 0.3 * d
            else:
                ori[y, x] = 0.12 * n


def colour(b: Buffers, scene: Scene, mood: Mood, view: View) -> None:
    """Albedo and stroke direction of land, and the stroke direction of the sky."""
    c = np.zeros((MATERIALS + 1, 2, 3))  # the last: snow on low land
    gold = from_hex("d8b450")
    c[GRASS] = [mood["grass"], mood["dry_grass"]]
    c[DIRT] = [mood["dirt"] * 0.75, mood["dirt"] * 1.15]
    c[SAND] = [mood["sand"] * 0.9, mood["sand"] * 1.05]
    dark = 0.68 if any(o.kind == "crater" for o in scene.objects) else 1.0
    c[ROCK] = [mood["rock"] * 0.62 * dark, mood["rock"] * 1.2 * dark]
    c[SNOW] = [mood["snow_white"] * 0.92, mood["snow_white"]]
    thin = 1 - ramp(
        mood["snow"], 0.4, 0.95
    )  # on low land: a thin cover lets the ground through, no white blots on dark
    c[MATERIALS] = c[SNOW] * (1 - thin) + (mood["grass"] + mood["dry_grass"]) / 2 * thin
    c[WATER] = mood["water"]
    c[PAVE] = [mood["paving"] * 0.75, mood["paving"] * 1.05]
    c[FIELD] = [mood["dry_grass"] * 0.9, mood["dry_grass"] * 0.55 + gold * 0.45]
    place = scene.setting
    tilt = -0.5 * mood["wind"] * place.side
    bands(
        _colour, view.height, b.depth, b.material, b.normal, b.rise, c, b.albedo, b.direction, view.p, float(place.dunes), tilt,
        scene.seed % 1000,
    )  # fmt: skip


__all__ = ["SKY", "colour", "settle"]
