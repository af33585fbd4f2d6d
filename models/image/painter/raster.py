"""Draws primitives into the buffers with a depth test: dabs, bars and rounded solids."""

from __future__ import annotations

import numpy as np
from numba import njit

from .noise import JIT, fbm2, hash2, noise2, noise3

# the nine buffers in the order of `Buffers.all`
_F, _F3 = "float32[:, ::1]", "float32[:, :, ::1]"
_BUF = ", ".join((_F, _F3, _F3, "uint8[:, ::1]", _F3, _F, _F, _F, _F))
SIG = f"void(float64[:, ::1], float64[::1], {_BUF})"


@njit(SIG, **JIT)
def dabs(rows, p, zb, alb, nrm, mat, em, hgt, ao, ori, sh):
    """Rows: x y z radius aspect angle | r g b | nx ny nz | material glow rag ambient."""
    height, width = zb.shape
    f = p[0]
    for n in range(rows.shape[0]):
        z = rows[n, 2]
        if z < 1e-3:
            continue
        s = f / z
        x0 = p[1] + rows[n, 0] * s
        y0 = p[2] - (rows[n, 1] - p[3]) * s
        r = max(rows[n, 3] * s, 0.62)
        r2 = max(r * rows[n, 4], 0.55)
        ca = np.cos(rows[n, 5])
        sa = np.sin(rows[n, 5])
        big = max(r, r2) + 1
        ya = max(0, int(y0 - big))
        yb = min(height, int(y0 + big + 2))
        xa = max(0, int(x0 - big))
        xb = min(width, int(x0 + big + 2))
        rag = rows[n, 14]
        mt = int(rows[n, 12])
        turn = rows[n, 5] if rows[n, 4] < 0.8 else rows[n, 5] + 1.2 * (n % 7 - 3) / 3
        for y in range(ya, yb):
            for x in range(xa, xb):
                dx = x + 0.5 - x0
                dy = y + 0.5 - y0
                a = (dx * ca + dy * sa) / r
                b = (-dx * sa + dy * ca) / r2
                d = a * a + b * b
                if d > 2.3 or z >= zb[y, x]:
                    continue
                if rag > 0:
                    d *= 1 + rag * noise2(x * 0.35, y * 0.35, 9) * 1.2
                if d < 1:
                    zb[y, x] = z - rows[n, 3] * 0.3 * (1 - d)
                    nx = rows[n, 9] + 0.45 * dx / big
                    ny = rows[n, 10] - 0.45 * dy / big
                    nz = rows[n, 11] - 0.2
                    il = 1 / np.sqrt(nx * nx + ny * ny + nz * nz + 1e-9)
                    nrm[y, x, 0] = nx * il
                    nrm[y, x, 1] = ny * il
                    nrm[y, x, 2] = nz * il
                    for c in range(3):
                        alb[y, x, c] = rows[n, 6 + c]
                        em[y, x, c] = rows[n, 6 + c] * rows[n, 13]
                    mat[y, x] = mt
                    hgt[y, x] = rows[n, 1] - dy / s
                    ao[y, x] = rows[n, 15]
                    ori[y, x] = turn
                    sh[y, x] = 1.0


@njit(SIG, **JIT)
def bars(rows, p, zb, alb, nrm, mat, em, hgt, ao, ori, sh):
    """Tapered round bars. Rows: x0 y0 z0 r0 x1 y1 z1 r1 | r g b | material glow."""
    height, width = zb.shape
    f = p[0]
    for n in range(rows.shape[0]):
        z0 = rows[n, 2]
        z1 = rows[n, 6]
        if z0 < 1e-3 or z1 < 1e-3:
            continue
        x0 = p[1] + rows[n, 0] * f / z0
        y0 = p[2] - (rows[n, 1] - p[3]) * f / z0
        x1 = p[1] + rows[n, 4] * f / z1
        y1 = p[2] - (rows[n, 5] - p[3]) * f / z1
        r0 = max(rows[n, 3] * f / z0, 0.6)
        r1 = max(rows[n, 7] * f / z1, 0.6)
        big = max(r0, r1) + 1
        ya = max(0, int(min(y0, y1) - big))
        yb = min(height, int(max(y0, y1) + big + 2))
        xa = max(0, int(min(x0, x1) - big))
        xb = min(width, int(max(x0, x1) + big + 2))
        dx = x1 - x0
        dy = y1 - y0
        l2 = dx * dx + dy * dy + 1e-9
        length = np.sqrt(l2)
        turn = np.arctan2(dy, dx)
        for y in range(ya, yb):
            for x in range(xa, xb):
                px = x + 0.5 - x0
                py = y + 0.5 - y0
                t = min(max((px * dx + py * dy) / l2, 0.0), 1.0)
                ex = px - t * dx
                ey = py - t * dy
                r = r0 + (r1 - r0) * t
                if ex * ex + ey * ey < r * r:
                    z = z0 + (z1 - z0) * t
                    if z < zb[y, x]:
                        zb[y, x] = z
                        a = (ex * -dy + ey * dx) / (length * r)
                        nrm[y, x, 0] = -dy / length * a
                        nrm[y, x, 1] = -dx / length * a
                        nrm[y, x, 2] = -np.sqrt(max(0.0, 1 - a * a))
                        k = 0.85 + 0.3 * noise2(x * 0.3, y * 0.3, 31)
                        for c in range(3):
                            alb[y, x, c] = rows[n, 8 + c] * k
                            em[y, x, c] = rows[n, 8 + c] * rows[n, 12]
                        mat[y, x] = int(rows[n, 11])
                        hgt[y, x] = p[3] + (p[2] - y) * z / f
                        ao[y, x] = 1.0
                        ori[y, x] = turn
                        sh[y, x] = 1.0


@njit(SIG, **JIT)
def solids(rows, p, zb, alb, nrm, mat, em, hgt, ao, ori, sh):
    """Rounded solids. Rows: x y z | half axes | turn | r g b | material seed rough facets | cap flag, cap r g b."""
    height, width = zb.shape
    f = p[0]
    face = np.empty((16, 3))
    for n in range(rows.shape[0]):
        z = rows[n, 2]
        if z < 1e-3:
            continue
        s = f / z
        a = rows[n, 3]
        b = rows[n, 4]
        deep = rows[n, 5]
        x0 = p[1] + rows[n, 0] * s
        y0 = p[2] - (rows[n, 1] - p[3]) * s
        big = max(a, b) * s * 1.3 + 1
        ya = max(0, int(y0 - big))
        yb = min(height, int(y0 + big + 2))
        xa = max(0, int(x0 - big))
        xb = min(width, int(x0 + big + 2))
        ca = np.cos(rows[n, 6])
        sa = np.sin(rows[n, 6])
        seed = int(rows[n, 11])
        rough = rows[n, 12]
        facets = rows[n, 13]
        mt = int(rows[n, 10])
        if facets > 0:
            for k in range(16):  # a jittered golden spiral of planes
                v = 1 - (k + 0.5) / 8.0
                t = k * 2.399963 + 1.6 * hash2(k, seed, 1)
                v += 0.22 * (hash2(k, seed, 2) - 0.5)
                w = np.sqrt(max(0.0, 1 - v * v))
                face[k, 0] = w * np.cos(t)
                face[k, 1] = v
                face[k, 2] = w * np.sin(t)
        for y in range(ya, yb):
            for x in range(xa, xb):
                dx = (x + 0.5 - x0) / s
                dy = -(y + 0.5 - y0) / s
                u = (dx * ca - dy * sa) / a
                v = (dx * sa + dy * ca) / b
                d = u * u + v * v
                if d > 1.6:
                    continue
                d *= 1 + rough * (
                    0.9 * noise2(u * 1.4 + seed, v * 1.4, seed) + 0.5 * noise2(u * 4, v * 4 + seed, seed + 1)
                )
                if d >= 1:
                    continue
                w = np.sqrt(1 - d)
                zz = z - deep * w
                if zz >= zb[y, x] or zz < 0.05:
                    continue
                nx = u / a
                ny = v / b
                nz = -w / deep
                il = 1 / np.sqrt(nx * nx + ny * ny + nz * nz + 1e-12)
                nx *= il
                ny *= il
                nz *= il
                k1 = 1.0
                if facets > 0:
                    lx = u + 0.25 * noise3(u * 2.2, v * 2.2, w * 2.2, seed + 3)
                    ly = v + 0.25 * noise3(u * 2.2 + 9, v * 2.2, w * 2.2, seed + 4)
                    best = -9.0
                    second = -9.0
                    j = 0
                    for k in range(16):
                        q = lx * face[k, 0] + ly * face[k, 1] - w * face[k, 2]
                        if q > best:
                            second = best
                            best = q
                            j = k
                        elif q > second:
                            second = q
                    g = facets
                    nx = nx * (1 - g) + face[j, 0] * g
                    ny = ny * (1 - g) + face[j, 1] * g
                    nz = nz * (1 - g) - abs(face[j, 2]) * g
                    if best - second < 0.035:
                        k1 *= 1.14
                    k1 *= 0.88 + 0.24 * hash2(j, seed, 7)
                if rough > 0:
                    nx += 0.35 * rough * noise2(u * 9 + seed, v * 9, seed + 5)
                    ny += 0.35 * rough * noise2(u * 9, v * 9 + seed, seed + 6)
                    k1 *= 1 + 0.5 * rough * fbm2(u * 5 + seed, v * 7, seed + 8, 3)
                rx = nx * ca + ny * sa
                ry = -nx * sa + ny * ca
                il = 1 / np.sqrt(rx * rx + ry * ry + nz * nz + 1e-12)
                ry *= il
                zb[y, x] = zz
                nrm[y, x, 0] = rx * il
                nrm[y, x, 1] = ry
                nrm[y, x, 2] = nz * il
                cap = rows[n, 14] > 0 and ry > 0.42 + 0.3 * noise2(u * 5, v * 5, seed + 11)
                for c in range(3):
                    alb[y, x, c] = rows[n, 15 + c] if cap else rows[n, 7 + c] * k1
                    em[y, x, c] = 0.0
                mat[y, x] = mt
                hgt[y, x] = rows[n, 1] + dy
                ao[y, x] = min(1.0, 0.72 + 0.45 * v) if v < 0.6 else 1.0
                ori[y, x] = np.arctan2(ry, rx + 0.3)
                sh[y, x] = 1.0
