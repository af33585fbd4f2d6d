"""The rasteriser: a z-buffer over textured triangles, compiled by numba on first use and cached.

Positions are pixels (x right, y down) and z (larger is nearer). Nothing here knows about faces.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

F32 = NDArray[np.float32]
I32 = NDArray[np.int32]
U8 = NDArray[np.uint8]

SKIN, EYE, INNER = 0, 1, 2  # materials


@njit(cache=True, nogil=True, fastmath=True, inline="always")
def _setup(pos, a, b, c, w, h):  # type: ignore[no-untyped-def]
    """Bounding box clipped to the image, and the gradients of two barycentric coordinates; area 0 when nothing to draw."""
    ax, ay, bx, by, cx, cy = pos[a, 0], pos[a, 1], pos[b, 0], pos[b, 1], pos[c, 0], pos[c, 1]
    area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
    x0 = max(0, math.ceil(min(ax, min(bx, cx))))
    x1 = min(w - 1, math.floor(max(ax, max(bx, cx))))
    y0 = max(0, math.ceil(min(ay, min(by, cy))))
    y1 = min(h - 1, math.floor(max(ay, max(by, cy))))
    if abs(area) < 1e-6 or x0 > x1 or y0 > y1:
        return 0, 0, -1, -1, 0.0, 0.0, 0.0, 0.0
    inv = 1.0 / area
    return x0, y0, x1, y1, (cy - ay) * inv, -(cx - ax) * inv, -(by - ay) * inv, (bx - ax) * inv


@njit(cache=True, nogil=True, fastmath=True, inline="always")
def _span(l1, l2, e1x, e2x, x0, x1):  # type: ignore[no-untyped-def]
    """First and last x of a row inside a triangle, whose barycentric coordinates at x0 are l1 and l2."""
    low, high = 0.0, float(x1 - x0)
    l0, e0x = 1.0 - l1 - l2, -e1x - e2x
    for k in range(3):
        value, slope = (l0, e0x) if k == 0 else ((l1, e1x) if k == 1 else (l2, e2x))
        value += 1e-4
        if slope > 1e-12:
            low = max(low, -value / slope)
        elif slope < -1e-12:
            high = min(high, -value / slope)
        elif value < 0.0:
            high = -1.0
    if high < low:
        return 0, -1
    return x0 + math.ceil(low), x0 + math.floor(high)


@njit(cache=True, nogil=True, fastmath=True)
def depth(pos: F32, tri: I32, w: int, h: int) -> F32:
    """The z-buffer [h, w] of vertices [V, 3] and triangles [T, 3]; -1e9 where empty."""
    z = np.full((h, w), -1e9, np.float32)
    for t in range(len(tri)):
        a, b, c = tri[t, 0], tri[t, 1], tri[t, 2]
        x0, y0, x1, y1, e1x, e1y, e2x, e2y = _setup(pos, a, b, c, w, h)
        for y in range(y0, y1 + 1):
            for x in range(x0, x1 + 1):
                dx, dy = x - pos[a, 0], y - pos[a, 1]
                l1, l2 = dx * e1x + dy * e1y, dx * e2x + dy * e2y
                l0 = 1.0 - l1 - l2
                if l0 < -1e-4 or l1 < -1e-4 or l2 < -1e-4:
                    continue
                v = l0 * pos[a, 2] + l1 * pos[b, 2] + l2 * pos[c, 2]
                if v > z[y, x]:
                    z[y, x] = v
    return z


@njit(cache=True, nogil=True, fastmath=True)
def interpolate(pos: F32, tri: I32, attributes: F32, w: int, h: int) -> tuple[F32, F32]:
    """Vertex attributes [V, C] drawn over the image: values [h, w, C] (0 where empty) and depth [h, w]."""
    channels = attributes.shape[1]
    z = np.full((h, w), -1e9, np.float32)
    out = np.zeros((h, w, channels), np.float32)
    for t in range(len(tri)):
        a, b, c = tri[t, 0], tri[t, 1], tri[t, 2]
        x0, y0, x1, y1, e1x, e1y, e2x, e2y = _setup(pos, a, b, c, w, h)
        for y in range(y0, y1 + 1):
            for x in range(x0, x1 + 1):
                dx, dy = x - pos[a, 0], y - pos[a, 1]
                l1, l2 = dx * e1x + dy * e1y, dx * e2x + dy * e2y
                l0 = 1.0 - l1 - l2
                if l0 < -1e-4 or l1 < -1e-4 or l2 < -1e-4:
                    continue
                v = l0 * pos[a, 2] + l1 * pos[b, 2] + l2 * pos[c, 2]
                if v > z[y, x]:
                    z[y, x] = v
                    for k in range(channels):
                        out[y, x, k] = l0 * attributes[a, k] + l1 * attributes[b, k] + l2 * attributes[c, k]
    return out, z


@njit(cache=True, nogil=True, fastmath=True, inline="always")
def _corner(u, v, w, h):  # type: ignore[no-untyped-def]
    """Upper left texel and the two fractions for bilinear sampling, clamped to the texture."""
    u = min(max(u, 0.0), w - 1.001)
    v = min(max(v, 0.0), h - 1.001)
    x, y = int(u), int(v)
    return x, y, u - x, v - y


@njit(cache=True, nogil=True, fastmath=True)
def ground(pos: F32, uv: F32, tri: I32, texture: U8, margin: int, out: U8, veil: F32) -> None:
    """Draws the layer that lies behind everything, a textured grid, into what `draw` has left free.

    `out` holds the texture without its margin where nothing was drawn: it stays where no vertex of a triangle has left
    its place. veil [h, w]: share of each pixel already taken; it is 1 everywhere the grid was drawn afterwards.
    """
    h, w = out.shape[:2]
    th, tw = texture.shape[:2]
    for t in range(len(tri)):
        a, b, c = tri[t, 0], tri[t, 1], tri[t, 2]
        moved = 0.0
        for k in range(3):
            i = tri[t, k]
            moved = max(moved, abs(pos[i, 0] + margin - uv[i, 0]) + abs(pos[i, 1] + margin - uv[i, 1]))
        if moved < 0.03:
            continue
        x0, y0, x1, y1, e1x, e1y, e2x, e2y = _setup(pos, a, b, c, w, h)
        ua, va = uv[a, 0], uv[a, 1]
        ub, vb, uc, vc = uv[b, 0] - ua, uv[b, 1] - va, uv[c, 0] - ua, uv[c, 1] - va
        du, dv = e1x * ub + e2x * uc, e1x * vb + e2x * vc
        for y in range(y0, y1 + 1):
            dx, dy = x0 - pos[a, 0], y - pos[a, 1]
            r1, r2 = dx * e1x + dy * e1y, dx * e2x + dy * e2y
            first, last = _span(r1, r2, e1x, e2x, x0, x1)
            u0, v0 = ua + r1 * ub + r2 * uc, va + r1 * vb + r2 * vc
            for x in range(first, last + 1):
                taken = veil[y, x]
                if taken >= 1.0:
                    continue
                i, j, f, g = _corner(u0 + (x - x0) * du, v0 + (x - x0) * dv, tw, th)
                w00, w01, w10, w11 = (1 - f) * (1 - g), f * (1 - g), (1 - f) * g, f * g
                for k in range(3):
                    q = w00 * texture[j, i, k] + w01 * texture[j, i + 1, k]
                    q += w10 * texture[j + 1, i, k] + w11 * texture[j + 1, i + 1, k]
                    if taken > 0.0:
                        q = taken * out[y, x, k] + (1.0 - taken) * q
                    out[y, x, k] = np.uint8(q + 0.5)
                veil[y, x] = 1.0


@njit(cache=True, nogil=True, fastmath=True)
def draw(
    pos: F32,
    uv: F32,
    alpha: F32,
    cover: F32,
    paint: F32,
    tri: I32,
    material: U8,
    texture: U8,
    eyes: U8,
    atlas: U8,
    shade: F32,
    tint: F32,
    opening: float,
    margin: int,
    out: U8,
    label: U8,
    z: F32,
    veil: F32,
) -> None:
    """Draws face, eyes and mouth interior over the texture at rest into `out` uint8 [h, w, 3].

    pos [V, 3]; uv [V, 4]: texture x, y and atlas x, y in texels; alpha [V]: 0..1 over what is behind (skin only).
    texture, eyes uint8 [th, tw, 3]; atlas uint8 [ah, aw, 4] (RGBA, cut out at half alpha). shade float32 [sh, sw]: log
    brightness of the skin over the whole texture; tint [3]: how much of it each channel takes. cover [V]: 0..1, how far
    the colour paint [V, 3] replaces the photograph's skin (insides of the lips, closed lids). opening 0..1: how much of
    the drawn mouth interior replaces the photograph's own closed mouth. label: 1 + material of what is in front, 0 for
    nothing; z: scratch [h, w]; veil [h, w]: share of each pixel that was drawn, for `ground`.
    """
    h, w = out.shape[:2]
    th, tw = texture.shape[:2]
    ah, aw = atlas.shape[:2]
    sh, sw = shade.shape
    sx, sy = sw / tw, sh / th
    out[:] = texture[margin : margin + h, margin : margin + w]
    z[:] = -1e9
    label[:] = 0
    veil[:] = 0.0
    for t in range(len(tri)):
        a, b, c = tri[t, 0], tri[t, 1], tri[t, 2]
        x0, y0, x1, y1, e1x, e1y, e2x, e2y = _setup(pos, a, b, c, w, h)
        m = material[t]
        for y in range(y0, y1 + 1):
            dx, dy = x0 - pos[a, 0], y - pos[a, 1]
            r1, r2 = dx * e1x + dy * e1y, dx * e2x + dy * e2y
            first, last = _span(r1, r2, e1x, e2x, x0, x1)
            for x in range(first, last + 1):
                l1, l2 = r1 + (x - x0) * e1x, r2 + (x - x0) * e2x
                l0 = 1.0 - l1 - l2
                d = l0 * pos[a, 2] + l1 * pos[b, 2] + l2 * pos[c, 2]
                if d <= z[y, x]:
                    continue
                u = l0 * uv[a, 0] + l1 * uv[b, 0] + l2 * uv[c, 0]
                v = l0 * uv[a, 1] + l1 * uv[b, 1] + l2 * uv[c, 1]
                i, j, f, g = _corner(u, v, tw, th)
                w00, w01, w10, w11 = (1 - f) * (1 - g), f * (1 - g), (1 - f) * g, f * g
                if m == 0:
                    p = l0 * alpha[a] + l1 * alpha[b] + l2 * alpha[c]
                    if p <= veil[y, x] and p < 0.999:
                        continue
                    si, sj, sf, sg = _corner((u + 0.5) * sx - 0.5, (v + 0.5) * sy - 0.5, sw, sh)
                    s = (shade[sj, si] * (1 - sf) + shade[sj, si + 1] * sf) * (1 - sg)
                    s += (shade[sj + 1, si] * (1 - sf) + shade[sj + 1, si + 1] * sf) * sg
                    n = l0 * cover[a] + l1 * cover[b] + l2 * cover[c]
                    for k in range(3):
                        q = w00 * texture[j, i, k] + w01 * texture[j, i + 1, k]
                        q += w10 * texture[j + 1, i, k] + w11 * texture[j + 1, i + 1, k]
                        if n > 0.0:
                            q = (1 - n) * q + n * (l0 * paint[a, k] + l1 * paint[b, k] + l2 * paint[c, k])
                        if s != 0.0:
                            q *= math.exp(s * tint[k])
                        out[y, x, k] = np.uint8(min(q + 0.5, 255.0))
                    veil[y, x] = min(p * 1.0005, 1.0)
                    if p > 0.5:
                        z[y, x] = d
                        label[y, x] = 1
                elif m == 1:
                    if veil[y, x] > 0.0 and z[y, x] < -1e8:  # the faint rim of a turned face has no eye behind it
                        continue
                    for k in range(3):
                        q = w00 * eyes[j, i, k] + w01 * eyes[j, i + 1, k]
                        q += w10 * eyes[j + 1, i, k] + w11 * eyes[j + 1, i + 1, k]
                        out[y, x, k] = np.uint8(q + 0.5)
                    z[y, x] = d
                    label[y, x] = 2
                    veil[y, x] = 1.0
                else:
                    ai, aj, af, ag = _corner(
                        l0 * uv[a, 2] + l1 * uv[b, 2] + l2 * uv[c, 2],
                        l0 * uv[a, 3] + l1 * uv[b, 3] + l2 * uv[c, 3],
                        aw,
                        ah,
                    )
                    v00, v01, v10, v11 = (1 - af) * (1 - ag), af * (1 - ag), (1 - af) * ag, af * ag
                    cut = v00 * atlas[aj, ai, 3] + v01 * atlas[aj, ai + 1, 3]
                    cut += v10 * atlas[aj + 1, ai, 3] + v11 * atlas[aj + 1, ai + 1, 3]
                    if cut < 127.5:
                        continue
                    for k in range(3):
                        q = v00 * atlas[aj, ai, k] + v01 * atlas[aj, ai + 1, k]
                        q += v10 * atlas[aj + 1, ai, k] + v11 * atlas[aj + 1, ai + 1, k]
                        if opening < 1.0:
                            own = w00 * texture[j, i, k] + w01 * texture[j, i + 1, k]
                            own += w10 * texture[j + 1, i, k] + w11 * texture[j + 1, i + 1, k]
                            q = opening * q + (1 - opening) * own
                        out[y, x, k] = np.uint8(q + 0.5)
                    z[y, x] = d
                    label[y, x] = 3
                    veil[y, x] = 1.0
