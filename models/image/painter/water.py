"""Water and wet paving: ripples, Fresnel, reflections marched on screen, glitter, foam, scum, and surf along beaches."""

from __future__ import annotations

import cv2
import numpy as np
from numba import njit

from ..scene import Mood, Scene
from .noise import JIT, fbm2, field, noise2
from .terrain import Land
from .view import SAND, WATER, Buffers, View

# float64 vector: deep, sun, fog, foam colours, light direction, then numbers
DEEP, SUN, FOG, FOAM, DIR, FOGD, CHOP, FOAMK, WET, SCUM, WHEN, GREAT, OIL = (
    0,
    3,
    6,
    9,
    12,
    15,
    16,
    17,
    18,
    19,
    20,
    21,
    24,
)
VALUES = 25


@njit(
    "void(int64, int64, float32[:, ::1], float32[:, :, ::1], uint8[:, ::1], float32[:, ::1], float32[:, ::1], "
    "float32[:, :, ::1], float32[:, :, ::1], float32[:, :, ::1], float64[::1], float64[::1], int64)",
    **JIT,
)
def surface(y0, y1, zb, nrm, mat, hgt, sh, img, sky, out, wv, p, seed):
    """Writes water (and paving when wet) into `out`; reads the lit picture `img` and the bare sky."""
    height, width = zb.shape
    f, cx, yh, hc, near = p[0], p[1], p[2], p[3], p[4]
    lx, ly, lz = wv[12], wv[13], wv[14]
    chop = wv[16]
    foam = wv[17]
    wet = wv[18]
    scum = wv[19]
    run = wv[20]
    last = min(int(yh), sky.shape[0]) - 1
    for y in range(y0, y1):
        for x in range(width):
            m = mat[y, x]
            if m != 6 and not (wet > 0 and m == 7):
                continue
            z = zb[y, x]
            u = (x + 0.5 - cx) / f
            gx = u * z
            gy = hgt[y, x]
            q = np.log(z / near)
            rx = noise2(u * 26 + 9, q * 34 + 0.9 * run, seed) + 0.6 * noise2(
                u * 60, q * 80 - 1.5 * run, seed + 1
            )  # ripples drawn out along the horizon
            rz = noise2(u * 22, q * 46 + 4 - 0.8 * run, seed + 2) + 0.6 * noise2(
                u * 55 + 2, q * 110 + 1.3 * run, seed + 3
            )
            k = chop * (0.10 + 0.55 / (1 + z / (near * 14)))
            nx = nrm[y, x, 0] + rx * k * 0.35
            nz = nrm[y, x, 2] + rz * k
            il = 1 / np.sqrt(nx * nx + 1 + nz * nz)
            nx *= il
            nz *= il
            ny = il
            vx = u
            vy = (gy - hc) / z
            iv = 1 / np.sqrt(vx * vx + vy * vy + 1)
            vx *= iv
            vy *= iv
            vz = iv
            dn = vx * nx + vy * ny + vz * nz
            qx = vx - 2 * dn * nx
            qy = max(vy - 2 * dn * ny, 0.01)
            qz = max(vz - 2 * dn * nz, 0.15)
            fr = min(0.92, 0.16 + 0.96 * (1 - min(1.0, abs(dn))) ** 4)
            hit = False
            cr = 0.0
            cg = 0.0
            cb = 0.0
            zz = z
            st = 1.045
            for _ in range(56):
                zz *= st
                st = min(1.14, st * 1.004)
                t = (zz - z) / qz
                px = int(cx + (gx + qx * t) / zz * f)
                py = int(yh - (gy + qy * t - hc) / zz * f)
                if py < 0 or px < 0 or px >= width:
                    break
                if py >= height:
                    continue
                zq = zb[py, px]
                mq = mat[py, px]
                if mq != 0 and mq != 6 and zq < zz and zq > z * 1.01 and zq > zz * 0.55:
                    cr = img[py, px, 0]
                    cg = img[py, px, 1]
                    cb = img[py, px, 2]
                    hit = True
                    break
            if not hit:
                px = min(max(int(cx + qx / qz * f), 0), width - 1)
                py = min(max(int(yh - qy / qz * f), 0), last)
                cr = sky[py, px, 0]
                cg = sky[py, px, 1]
                cb = sky[py, px, 2]
            if m == 7:
                pud = min(max(wet * 1.5 - 0.5 + 0.9 * fbm2(u * 5, q * 7, seed + 8, 3), 0.0), 1.0) * min(0.75, fr + 0.25)
                out[y, x, 0] = img[y, x, 0] * (1 - pud) + cr * pud
                out[y, x, 1] = img[y, x, 1] * (1 - pud) + cg * pud
                out[y, x, 2] = img[y, x, 2] * (1 - pud) + cb * pud
                continue
            dl = max(0.0, nx * lx + ny * ly + nz * lz)
            spec = max(0.0, qx * lx + qy * ly + qz * lz)
            gl = spec**90 * 1.3 + spec**12 * 0.06
            fm = 0.0
            streak = 0.0
            face = 0.0
            if foam > 0:
                lift = 0.055 * z**0.55 * near**0.45
                if wv[21] > 0:  # the great wave breaks at its crest alone
                    g0 = (q - wv[22] - 0.10 * (u - wv[23]) ** 2 / p[6] ** 2) / 0.7
                    rise = wv[21] * z * np.exp(-g0 * g0)
                    lift += 0.66 * rise
                    if q < wv[22] + 0.1:  # streaks of foam drawn up its face
                        streak = fbm2(u * 34 + 2 * rz * k, gy / (wv[21] * z) * 5, seed + 14, 3)
                        face = min(max(gy / (rise + 1e-6) - 0.12, 0.0), 1.0) * min(1.0, rise / lift)
                crest = gy / lift
                fm = foam * min(
                    max((crest - 0.95 + 0.9 * fbm2(u * 40, q * 60 + 1.2 * run, seed + 5, 3)) * 1.8, 0.0), 1.0
                )
            fm = max(fm, min(max(streak * 2.2 - 0.15, 0.0), 0.7) * face)
            sc = 0.0
            if scum > 0:
                sc = (
                    scum
                    * 0.75
                    * min(
                        max((fbm2(u * 7, q * 9 + fbm2(u * 14, q * 14, seed + 9, 2), seed + 6, 4) - 0.02) * 7, 0.0), 1.0
                    )
                )
            film = 0.0
            level = 0.0
            if wv[24] > 0:
                level = fbm2(u * 3.1 + 0.4 * rx * k, q * 4.3 + 7, seed + 12, 3)
                film = wv[24] * min(max((level + 0.02) * 5, 0.0), 1.0)
            fo = 1 - np.exp(-((z * wv[15] / (near * 200)) ** 0.9))
            thin = min(max(gy / (0.08 * z**0.55 * near**0.45 + 1e-6), 0.0), 1.0) * 0.5  # light through crests
            for c in range(3):
                refl = cr if c == 0 else (cg if c == 1 else cb)
                body = wv[c] * (0.55 + 0.45 * dl + thin * 1.2)
                v = body * (1 - fr) + refl * fr + wv[3 + c] * gl * sh[y, x] * 0.5
                v = v * (1 - fm) + wv[9 + c] * (0.5 + 0.5 * dl) * fm
                if film > 0:  # oil: dark, with bands of colour
                    sheen = 0.5 + 0.5 * np.cos(level * 26 + 2.1 * c)
                    v = v * (1 - 0.62 * film) + refl * (0.12 + 0.75 * sheen * sheen) * film * 0.55
                v = v * (1 - sc) + wv[9 + c] * sc * (0.34 if c == 0 else (0.36 if c == 1 else 0.12))
                out[y, x, c] = v * (1 - fo) + wv[6 + c] * fo


def surf(
    img: np.ndarray, b: Buffers, scene: Scene, mood: Mood, view: View, land: Land, foam: np.ndarray, when: float = 0.0
) -> None:  # fmt: skip
    """Foam lace parallel to the shore (level sets of the water weight), and dark wet sand. when: seconds, in which it
    runs up the sand and back.
    """
    col, row = land.maps_at(b.depth)
    w = cv2.remap(cv2.GaussianBlur(land.weights[WATER], (0, 0), 3), col, row, cv2.INTER_LINEAR)
    grain = field(view.height, view.width, 15.0, 44.0, 3, 4)
    sea = (b.material == WATER) & (b.depth < view.near * 26)
    shape = np.clip(0.45 + 1.5 * grain + 0.4 * mood["waves"], 0, 1)
    swash = 0.45 * np.sin(0.9 * when)
    for level, wide, strength in ((0.75, 0.35, 0.9), (1.9, 0.5, 0.7), (3.0, 0.6, 0.45 + 0.3 * mood["waves"])):
        a = np.clip(1 - np.abs(w + grain * 1.1 - level - swash) / wide, 0, 1) ** 0.7 * strength * sea * shape
        img += (foam - img) * np.clip(a, 0, 0.92)[..., None].astype(np.float32)
    wet = np.clip(1 - np.abs(w + grain * 0.3 - 0.1) / 0.9, 0, 1) * (b.material == SAND)
    img *= (1 - 0.38 * wet)[..., None].astype(np.float32)
