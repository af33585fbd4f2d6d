"""Textured quads: walls with bays, windows and shutters, roofs, planks, masonry, and ruins with broken tops."""

from __future__ import annotations

import numpy as np
from numba import njit

from ..scene import Mood
from .noise import JIT, fbm2, hash2, noise2
from .ramps import ramp
from .raster import SIG


def wear(m: Mood) -> np.ndarray:
    """What a mood does to every wall, float64 [6]: colour of lit windows, share of windows shut, dirt run down the walls, share
    of windows that burn."""
    lamp = m["lamp"] * (1.15 + 0.5 * m["night"])
    return np.array(
        [*lamp, 0.8 * ramp(m["crows"], 0.2, 0.8), ramp(m["grime"], 0.1, 1.0), 0.6 * ramp(m["fire"], 0.15, 0.85)]
    )


@njit("void(float64, float64, float64[::1], float64[::1], float64[::1])", **JIT)
def _wall(s, t, q, worn, res):
    """s, t: metres along and up. q: kind, bay, floor, lit, broken, seed, style, wall height. worn: see `wear`.
    res: light of a window, tone, ambient, tag (-2 shutter, -1 glass, else warmth 0..1 of a lit window, 3..4 flames, -3 plain),
    dirt."""
    kind = int(q[0])
    seed = int(q[5])
    em = 0.0
    ao = 1.0
    k = 1.0
    tag = -3.0
    if kind == 1 or kind == 4:  # ashlar, rough stone
        bh = 0.45 if kind == 1 else 0.9
        row = np.floor(t / bh)
        ss = s / (bh * 1.9) + 0.5 * (row % 2)
        k = 0.82 + 0.32 * hash2(int(np.floor(ss)), int(row), seed)
        if t / bh - row < 0.12 or ss - np.floor(ss) < 0.07:
            k *= 0.8
    elif kind == 2:  # planks
        k = 0.8 + 0.35 * hash2(int(np.floor(s / 0.3)), 3, seed)
    elif kind == 3:  # tiles
        row = np.floor(t / 0.45)
        k = 0.78 + 0.34 * hash2(int(np.floor(s / 0.4 + 0.5 * (row % 2))), int(row), seed)
    k *= 1 + 0.16 * fbm2(s * 0.5, t * 0.5, seed, 3)
    dirt = 0.0
    if worn[4] > 0 and kind != 3:  # runs down from sills and eaves, creeps up from the ground
        run = fbm2(s * 1.9 + 3, t * 0.10, seed + 31, 3) + 0.5 * fbm2(s * 0.4, t * 0.3, seed + 32, 2)
        foot = 1.1 - t / 2.2 + 0.6 * noise2(s * 0.9, t * 0.3, seed + 33)
        dirt = worn[4] * min(max(max(run * 2.1 + 0.22, foot), 0.0), 1.0)
        k *= 1 - 0.62 * dirt
    if kind >= 5:
        style = int(q[6])
        fw = q[1]
        fh = q[2]
        fl = np.floor(t / fh)
        by = np.floor(s / fw)
        a = s / fw - by
        b = t / fh - fl
        chance = hash2(int(by), int(fl), seed)
        chance2 = hash2(int(by), int(fl), seed + 9)
        chance3 = hash2(int(by), int(fl), seed + 21)
        ww = 0.24 if style != 2 else 0.36
        lo = 0.26
        hi = 0.80
        if fl == 0 and style == 1:  # shop front
            ww = 0.42
            lo = 0.06
            hi = 0.78
        da = abs(a - 0.5)
        arch = hi - 0.22 * (da / ww) ** 2 if style == 3 else hi
        inside = (fl + 1) * fh <= q[7] + 0.05
        if inside and da < ww and b > lo and b < arch:
            u = (a - 0.5) / ww
            v = (b - lo) / (hi - lo)
            frame = abs(u) > 0.86 or abs(u) < 0.07 or v > 0.95 or v < 0.05 or abs(v - 0.62) < 0.025
            if chance3 < worn[5]:  # it burns inside
                em = (0.75 + 0.6 * noise2(s * 2.1, t * 1.3, seed + 22)) * (1.25 - 0.5 * v)
                tag = 3.0 + min(max(1 - v + 0.4 * noise2(s * 3, t * 2, seed + 23), 0.0), 1.0)
                k = 0.2
            elif chance2 < q[4] * 0.5:  # boarded
                k = 0.30 + 0.22 * hash2(int(np.floor(b * 9)), int(by), seed)
            elif chance3 > 1 - worn[3] and abs(u) < 0.97:  # shut
                k = (0.55 + 0.14 * (int(b * 30) % 2)) * (0.55 if abs(u) < 0.06 else 1.0)
                tag = -2.0
            elif frame:
                k = 1.12 if style != 2 else 0.5
            else:
                broken = chance2 < q[4]
                if q[3] > chance and not broken:
                    w = 0.55 + 0.6 * hash2(int(by), int(fl), seed + 3)
                    em = w * (0.75 + 0.35 * (1 - v)) * (0.55 + 0.45 * (abs(u) < 0.5))
                    tag = hash2(int(by), int(fl), seed + 4)
                    k = 0.5
                else:
                    k = 0.20 + 0.16 * v + 0.18 * hash2(int(by), int(fl), seed + 5)
                    if broken and abs(u + v - 0.8) + 0.5 * noise2(u * 3, v * 3, seed) < 0.45:
                        k = 0.05
                    tag = -1.0
            if v > 0.86 and not frame:
                ao = 0.7
        elif inside and da < ww * 1.22 and b > lo - 0.07 and b < hi + 0.05:
            k *= 1.16 if b > hi - 0.02 or b < lo else 1.05  # lintel, sill
        elif inside and style == 0 and da < ww * 1.9 and b > lo and b < hi and chance2 > q[4]:
            k *= 0.62 + 0.1 * (int(b * 26) % 2)  # shutters
            tag = -2.0
        if b < 0.045 and style > 0:
            k *= 0.82
        ao *= 0.82 + 0.18 * min(1.0, t / 3.0)
        if worn[5] > 0 and tag < 3:  # soot above what burns, and flames out of it
            above = -1.0
            if chance3 < worn[5] and b > arch - 0.04:
                above = b - arch
            elif fl > 0 and b < 0.7 and hash2(int(by), int(fl) - 1, seed + 21) < worn[5]:
                above = b + 1 - hi
            if above > -0.5:
                edge = 0.36 - 0.2 * above + 0.12 * noise2(s * 2.3, t * 1.7, seed + 24)
                if da < edge:
                    k *= 0.35 + 0.65 * min(max(above / 0.9, da / edge), 1.0) ** 2
                    if above < 0.45 and fbm2(s * 1.7, t * 0.9, seed + 25, 3) > 0.08 + 1.1 * above + da - 0.25:
                        em = 1.0 - 0.9 * above
                        tag = 3.0 + min(max(0.7 - 1.4 * above, 0.0), 1.0)
    res[4] = dirt
    res[0] = em
    res[1] = k
    res[2] = ao
    res[3] = tag


@njit(SIG.replace("float64[::1]", "float64[::1], float64[::1]", 1), **JIT)
def quads(rows, p, worn, zb, alb, nrm, mat, em, hgt, ao, ori, sh):
    """Rows: 4 x (x y z s t) | normal | r g b | material | kind bay floor lit broken seed style wall | ragged glow.
    worn: see `wear`.
    """
    height, width = zb.shape
    f = p[0]
    px = np.empty(4)
    py = np.empty(4)
    iz = np.empty(4)
    res = np.zeros(5)
    tex = np.empty(8)
    for n in range(rows.shape[0]):
        ok = True
        for k in range(4):
            z = rows[n, k * 5 + 2]
            if z < 0.15 * p[4]:
                ok = False
                break
            px[k] = p[1] + rows[n, k * 5] * f / z
            py[k] = p[2] - (rows[n, k * 5 + 1] - p[3]) * f / z
            iz[k] = 1 / z
        if not ok:
            continue
        i0, i1, i2 = 0, 1, 2  # plane of 1/z, s/z, t/z from the three corners with the larger area
        det = (px[1] - px[0]) * (py[2] - py[0]) - (px[2] - px[0]) * (py[1] - py[0])
        d2 = (px[2] - px[0]) * (py[3] - py[0]) - (px[3] - px[0]) * (py[2] - py[0])
        if abs(d2) > abs(det):
            i1, i2 = 2, 3
            det = d2
        if abs(det) < 1e-3:
            continue
        sg = 1.0 if det > 0 else -1.0
        for k in range(8):
            tex[k] = rows[n, 27 + k]
        ya = max(0, int(min(min(py[0], py[1]), min(py[2], py[3]))))
        yb = min(height, int(max(max(py[0], py[1]), max(py[2], py[3]))) + 2)
        xa = max(0, int(min(min(px[0], px[1]), min(px[2], px[3]))))
        xb = min(width, int(max(max(px[0], px[1]), max(px[2], px[3]))) + 2)
        rag = rows[n, 35]
        for y in range(ya, yb):
            for x in range(xa, xb):
                fx = x + 0.5
                fy = y + 0.5
                inside = True
                for k in range(4):
                    j = (k + 1) & 3
                    if ((px[j] - px[k]) * (fy - py[k]) - (py[j] - py[k]) * (fx - px[k])) * sg < -1e-4:
                        inside = False
                        break
                if not inside:
                    continue
                b1 = ((fx - px[i0]) * (py[i2] - py[i0]) - (px[i2] - px[i0]) * (fy - py[i0])) / det
                b2 = ((px[i1] - px[i0]) * (fy - py[i0]) - (fx - px[i0]) * (py[i1] - py[i0])) / det
                b0 = 1 - b1 - b2
                w = b0 * iz[i0] + b1 * iz[i1] + b2 * iz[i2]
                if w <= 0:
                    continue
                z = 1 / w
                if z >= zb[y, x]:
                    continue
                s = (
                    b0 * rows[n, i0 * 5 + 3] * iz[i0]
                    + b1 * rows[n, i1 * 5 + 3] * iz[i1]
                    + b2 * rows[n, i2 * 5 + 3] * iz[i2]
                ) * z
                t = (
                    b0 * rows[n, i0 * 5 + 4] * iz[i0]
                    + b1 * rows[n, i1 * 5 + 4] * iz[i1]
                    + b2 * rows[n, i2 * 5 + 4] * iz[i2]
                ) * z
                if rag > 0:
                    cut = tex[7] * (
                        1
                        - rag
                        * (
                            0.55
                            + 0.9 * fbm2(s * 0.35 + tex[5], tex[5] * 0.7, 41, 3)
                            + 0.25 * noise2(s * 1.3, t * 0.9, 43)
                        )
                    )
                    if t > cut:
                        continue
                _wall(s, t, tex, worn, res)
                zb[y, x] = z
                for c in range(3):
                    nrm[y, x, c] = rows[n, 20 + c]
                    alb[y, x, c] = rows[n, 23 + c] * res[1]
                    em[y, x, c] = rows[n, 23 + c] * rows[n, 36]
                tag = res[3]
                if tag == -2.0:
                    g = 0.3 * (alb[y, x, 0] + alb[y, x, 1] + alb[y, x, 2])
                    alb[y, x, 0] = g * 0.55
                    alb[y, x, 1] = g * 0.85
                    alb[y, x, 2] = g * 0.8
                elif tag == -1.0:
                    alb[y, x, 0] = 0.20 * res[1]
                    alb[y, x, 1] = 0.26 * res[1]
                    alb[y, x, 2] = 0.34 * res[1]
                if res[4] > 0:  # dirt is brown and green
                    alb[y, x, 0] *= 1 - 0.12 * res[4]
                    alb[y, x, 2] *= 1 - 0.42 * res[4]
                if tag >= 3.0:
                    em[y, x, 0] = 1.25 * res[0]
                    em[y, x, 1] = (0.22 + 0.5 * (tag - 3)) * res[0]
                    em[y, x, 2] = (0.03 + 0.16 * (tag - 3)) * res[0]
                elif res[0] > 0:
                    for c in range(3):
                        em[y, x, c] = (
                            res[0]
                            * worn[c]
                            * (1.0 if c == 0 else (0.86 + 0.24 * tag if c == 1 else 0.7 + 0.6 * tag * tag))
                        )
                mat[y, x] = int(rows[n, 26])
                hgt[y, x] = p[3] + (p[2] - y) * z / f
                ao[y, x] = res[2]
                sh[y, x] = 1.0
                ori[y, x] = 1.5708 if hash2(x >> 4, y >> 4, n) > 0.35 else 0.0
