"""Light: shadows of objects on the ground, the pool of light, and shading with sun, sky, bounce, lamps, haze and
mist.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from .noise import JIT, fbm2, noise2


@njit("void(float64[:, ::1], float64[::1], float32[:, ::1], uint8[:, ::1], float32[:, ::1], float64)", **JIT)
def wall_shadows(rows, p, zb, mat, sh, dark):
    """Rows: 4 x (x y z) ground footprints."""
    height, width = zb.shape
    px = np.empty(4)
    py = np.empty(4)
    for n in range(rows.shape[0]):
        zmin = 1e9
        zmax = 0.0
        for k in range(4):
            z = max(rows[n, k * 3 + 2], 0.3 * p[4])
            zmin = min(zmin, z)
            zmax = max(zmax, z)
            px[k] = p[1] + rows[n, k * 3] * p[0] / z
            py[k] = p[2] - (rows[n, k * 3 + 1] - p[3]) * p[0] / z
        det = (px[1] - px[0]) * (py[2] - py[0]) - (px[2] - px[0]) * (py[1] - py[0])
        det += (px[2] - px[0]) * (py[3] - py[0]) - (px[3] - px[0]) * (py[2] - py[0])
        sg = 1.0 if det > 0 else -1.0
        ya = max(0, int(min(min(py[0], py[1]), min(py[2], py[3]))))
        yb = min(height, int(max(max(py[0], py[1]), max(py[2], py[3]))) + 2)
        xa = max(0, int(min(min(px[0], px[1]), min(px[2], px[3]))))
        xb = min(width, int(max(max(px[0], px[1]), max(px[2], px[3]))) + 2)
        for y in range(ya, yb):
            for x in range(xa, xb):
                m = mat[y, x]
                if m == 0 or m > 8 or m == 6:
                    continue
                if zb[y, x] < zmin * 0.85 or zb[y, x] > zmax * 1.15:
                    continue
                jx = x + 2.5 * noise2(x * 0.15, y * 0.15, 77)
                jy = y + 1.5 * noise2(x * 0.15, y * 0.3, 78)
                inside = True
                for k in range(4):
                    j = (k + 1) & 3
                    if ((px[j] - px[k]) * (jy - py[k]) - (py[j] - py[k]) * (jx - px[k])) * sg < 0:
                        inside = False
                        break
                if inside:
                    sh[y, x] = min(sh[y, x], dark)


@njit(
    "void(float64[:, ::1], float64[::1], float64[::1], float64[::1], float32[:, ::1], uint8[:, ::1], float32[:, ::1], float64)",
    **JIT,
)
def dab_shadows(rows, foot, sun, p, zb, mat, sh, dark):
    """Every leaf dab (material 9) thrown along the light onto the ground at its foot."""
    height, width = zb.shape
    for n in range(rows.shape[0]):
        if rows[n, 13] > 0 or rows[n, 12] != 9:
            continue
        rise = rows[n, 1] - foot[n]
        x = rows[n, 0] - sun[0] / sun[1] * rise
        z = rows[n, 2] - sun[2] / sun[1] * rise
        if z < 0.5:
            continue
        s = p[0] / z
        x0 = p[1] + x * s
        y0 = p[2] - (foot[n] - p[3]) * s
        r = rows[n, 3] * s * 1.15
        r2 = max(0.6, r * min(1.0, abs(p[3] - foot[n]) / z * 1.3 + 0.06))
        ya = max(0, int(y0 - r2))
        yb = min(height, int(y0 + r2 + 2))
        xa = max(0, int(x0 - r))
        xb = min(width, int(x0 + r + 2))
        for y in range(ya, yb):
            for xx in range(xa, xb):
                m = mat[y, xx]
                if m == 0 or m > 8 or m == 6:
                    continue
                a = (xx + 0.5 - x0) / r
                b = (y + 0.5 - y0) / r2
                if a * a + b * b < 1 and abs(zb[y, xx] / z - 1) < 0.2:
                    sh[y, xx] = min(sh[y, xx], dark)


@njit(
    "void(int64, int64, float32[:, ::1], float32[:, ::1], uint8[:, ::1], float64[::1], float64, float64, float64, int64)",
    **JIT,
)
def pool(y0, y1, sh, zb, mat, p, fx, fy, amount, seed):
    """Cloud shadow over the land with a pool of light at the focus and a dark foreground: three or four big value
    masses.
    """
    height, width = zb.shape
    for y in range(y0, y1):
        for x in range(width):
            if mat[y, x] == 0:
                continue
            u = (x - p[1]) / p[0]
            q = np.log(zb[y, x] / p[4])
            g = np.exp(-(((x / width - fx) / 0.28) ** 2) - ((y / height - fy - 0.07) / 0.17) ** 2)
            c = 0.5 + 1.3 * fbm2(u * 2.2 + 3, q * 1.1, seed, 2) + 1.0 * g - 0.55 * max(0.0, 1 - q / 0.9)
            c = min(max(c, 0.0), 1.0)
            sh[y, x] *= 1 - amount * (1 - c * c * (3 - 2 * c))


# indices into the float64 vector of lights
SUN, AMB, BOUNCE, FOG, GLOW = 0, 3, 6, 9, 12  # rgb each
DIR, FOGD, MIST, MISTH, WRAP, TRANS = 15, 18, 19, 20, 21, 22
LIGHTS = 23


@njit(
    "void(int64, int64, float32[:, ::1], float32[:, :, ::1], float32[:, :, ::1], uint8[:, ::1], "
    "float32[:, :, ::1], float32[:, ::1], float32[:, ::1], float32[:, ::1], float32[:, :, ::1], float64[::1], "
    "float64[:, ::1], float64[::1])",
    **JIT,
)
def shade(ya, yb, zb, alb, nrm, mat, em, hgt, ao, sh, img, li, lamps, p):
    """Lit colour of every pixel that is not sky. li: the vector of lights; lamps: x y z r g b reach."""
    width = zb.shape[1]
    nl = lamps.shape[0]
    lx, ly, lz = li[15], li[16], li[17]
    near = p[4]
    for y in range(ya, yb):
        for x in range(width):
            m = mat[y, x]
            if m == 0:
                continue
            z = zb[y, x]
            gx = (x + 0.5 - p[1]) / p[0] * z
            gy = hgt[y, x]
            nx = nrm[y, x, 0]
            ny = nrm[y, x, 1]
            nz = nrm[y, x, 2]
            d = nx * lx + ny * ly + nz * lz
            w = li[21] + (0.25 if m == 9 else 0.0)
            df = max(0.0, (d + w) / (1 + w))
            tl = 0.0
            if m == 9 or m == 1 or m == 8:
                tl = li[22] * max(0.0, 0.25 - d) * (0.9 if m == 9 else 0.6)
            s = sh[y, x]
            up = 0.5 + 0.5 * ny
            o = ao[y, x]
            p0 = 0.0
            p1 = 0.0
            p2 = 0.0
            for i in range(nl):
                ax = lamps[i, 0] - gx
                ay = lamps[i, 1] - gy
                az = lamps[i, 2] - z
                r2 = ax * ax + ay * ay + az * az
                reach = lamps[i, 6] * lamps[i, 6]
                if r2 < 36 * reach:
                    il = 1 / np.sqrt(r2 + 1e-6)
                    k = max(0.0, 0.35 + 0.65 * (nx * ax + ny * ay + nz * az) * il) / (1 + r2 / reach * 1.6)
                    p0 += lamps[i, 3] * k
                    p1 += lamps[i, 4] * k
                    p2 += lamps[i, 5] * k
            leaf = m == 9 or m == 1
            q = z * li[18] / (near * 200)
            fo = 1 - np.exp(-(q**0.9))
            if li[19] > 0:
                mm = li[19] * np.exp(-max(gy, 0.0) / (li[20] * near + 0.02 * z)) * (1 - np.exp(-z / (near * 12)))
                mm *= 0.75 + 0.5 * fbm2(gx / z * 4, np.log(z) * 3 + gy / z * 14, 55, 3)
                fo = 1 - (1 - fo) * (1 - min(max(mm, 0.0), 0.96))
            rise = gy - p[3]
            il = 1 / np.sqrt(gx * gx + z * z + rise * rise)
            g = max(0.0, (gx * lx + z * lz + max(rise, 0.0) * ly) * il) ** 6
            for c in range(3):
                a = alb[y, x, c]
                tc = a * (1.25 if c == 1 else (1.1 if c == 0 else 0.5)) if leaf else a
                pl = p0 if c == 0 else (p1 if c == 1 else p2)
                v = (
                    a * (li[c] * df * s + (li[3 + c] * up + li[6 + c] * (1 - up)) * o + pl)
                    + tc * li[c] * tl * (0.3 + 0.7 * s)
                    + em[y, x, c]
                )
                img[y, x, c] = v * (1 - fo) + (li[9 + c] * (1 - g) + li[12 + c] * g) * fo
