"""The sky: gradient, halo, ray-marched clouds, sun or moon disc."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numba import njit

from ..scene import Mood, Scene
from ..scene.colour import from_hex
from .noise import JIT, fbm2, hash2, noise2, noise3
from .view import View, bands

COARSE = 4  # clouds are marched at a quarter of the resolution


@njit(
    "void(int64, int64, float32[:, ::1], float64, float64, float64, float64[::1], float64[::1], int64, "
    "float32[:, ::1], float32[:, ::1], float32[:, ::1], float32[:, ::1])",
    **JIT,
)
def _clouds(y0, y1, cover, f, cx, yh, cl, sun, seed, tr_out, lit_out, amb_out, dist_out):
    """A slab of cloud at height 1. cl: cover, thickness, scale, stretch, erosion, density, drift, growth. Out:
    transmittance, sunlit and ambient share, distance.
    """
    w = tr_out.shape[1]
    cov, thick, scale, stretch, erode, dens, drift, grow = cl[0], cl[1], cl[2], cl[3], cl[4], cl[5], cl[6], cl[7]
    for y in range(y0, y1):
        v = max((yh - y - 0.5) / f, 0.012)
        for x in range(w):
            dx = (x + 0.5 - cx) / f
            t0 = 1.0 / v
            t1 = min((1.0 + thick) / v, t0 + 5.0)
            steps = 26
            dt = (t1 - t0) / steps
            tr = 1.0
            ls = 0.0
            la = 0.0
            cb = cov + cover[y, x] + 1.1 * v * max(cov, 0.0)  # an overcast sky closes overhead
            t = t0 + dt * hash2(x, y, 3)
            for _ in range(steps):
                px = dx * t * scale / stretch + drift
                py = v * t
                pz = t * scale
                hf = (py - 1.0) / thick
                c = (
                    cb
                    + 0.95 * noise2(px * 0.55 + 3, pz * 0.55, seed)
                    + 0.5 * noise2(px * 1.25, pz * 1.25 + 5, seed + 1)
                )
                c -= 0.9 * hf * hf + 2.0 * max(0.0, 0.12 - hf)
                if c > -0.75:
                    q = py * scale * 1.2 + grow
                    c += erode * (
                        0.55 * noise3(px * 2.6, q * 2.6, pz * 2.6, seed + 2)
                        + 0.32 * noise3(px * 5.7, q * 5.7, pz * 5.7, seed + 3)
                        + 0.2 * noise3(px * 12, q * 12, pz * 12, seed + 4)
                    )
                    d = min(max(c * 2.2, 0.0), 1.0)
                    if d > 0.004:
                        o = 0.0
                        for j in range(1, 4):
                            e = 0.10 * j * j
                            qx = px + sun[0] * e * scale
                            qy = py + (sun[1] + 0.15) * e
                            qz = pz + sun[2] * e * scale
                            g = (qy - 1.0) / thick
                            if g < 1.05:
                                c2 = (
                                    cb
                                    + 0.95 * noise2(qx * 0.55 + 3, qz * 0.55, seed)
                                    + 0.5 * noise2(qx * 1.25, qz * 1.25 + 5, seed + 1)
                                    - 0.9 * g * g
                                )
                                c2 += (
                                    erode * 0.55 * noise3(qx * 2.6, qy * scale * 3.12 + 2.6 * grow, qz * 2.6, seed + 2)
                                )
                                o += min(max(c2 * 2.2, 0.0), 1.0) * (0.10 * (2 * j - 1))
                        a = 1 - np.exp(-d * dt * dens * (9 + 10 * v))
                        ls += tr * a * (0.6 * np.exp(-o * dens * 2.0) + 0.4 * np.exp(-o * dens * 0.5))
                        la += tr * a * (0.35 + 0.65 * min(max(hf, 0.0), 1.0))
                        tr *= 1 - a
                        if tr < 0.02:
                            break
                t += dt
            tr_out[y, x] = tr
            lit_out[y, x] = ls / max(1 - tr, 1e-3)
            amb_out[y, x] = la / max(1 - tr, 1e-3)
            dist_out[y, x] = t0


@njit(
    "void(int64, int64, float32[:, :, ::1], float64, float64, float64, float64[:, ::1], float64, float64[::1], "
    "float32[:, ::1], float32[:, ::1], float32[:, ::1], float32[:, ::1], float64, float64, float64, float64, int64)",
    **JIT,
)
def _fill(y0, y1, sky, f, cx, yh, col, glow_k, light, tr_in, lit_in, amb_in, dist_in, gain, stars, slant, veil, seed):
    """col rows: zenith, sky, horizon, glow, cloud lit, cloud dark. stars: milky way and dust (points are drawn
    later).
    """
    w = sky.shape[1]
    for y in range(y0, y1):
        v = max((yh - y) / f, 0.0)
        t = min(v / 0.62, 1.0)
        for x in range(w):
            u = (x - cx) / f
            il = 1 / np.sqrt(u * u + v * v + 1)
            g = max(0.0, (u * light[0] + v * light[1] + light[2]) * il)
            gl = glow_k * (0.55 * g**8 + 0.6 * g**60 + 0.9 * g**900) * (1 - 0.2 * t)
            a = min(t * 2.2, 1.0)
            b = max(0.0, (t - 0.3) / 0.7)
            a = a * a * (3 - 2 * a)
            b = b * b * (3 - 2 * b)
            tr = tr_in[y, x]
            li = lit_in[y, x] * gain
            hz = 1 - np.exp(-dist_in[y, x] * 0.085)
            edge = tr * (1 - tr) * 4 * g**6 * glow_k
            band = 0.0
            if stars > 0:
                q = (u * slant + v - 0.35 + 0.12 * fbm2(u * 6, v * 6, seed, 3)) / 0.13
                band = stars * np.exp(-q * q) * (0.20 + 0.30 * max(0.0, 0.4 + fbm2(u * 9, v * 9, seed + 2, 4)))
            for c in range(3):
                s = col[2, c] * (1 - a) + col[1, c] * a
                s = s * (1 - b) + col[0, c] * b
                s += col[3, c] * gl + band * (0.75 if c == 0 else (0.8 if c == 1 else 1.15))
                s += veil * (0.55 * col[5, c] + 0.30 * col[4, c] * gain + 0.15 * col[2, c] - s)
                dk = col[5, c] + (col[2, c] * 0.55 + s * 0.45 - col[5, c]) * tr**0.8
                cl = (
                    dk * (0.66 + 0.55 * amb_in[y, x]) * (1 - 0.85 * li)
                    + col[4, c] * li * 1.15
                    + col[3, c] * (gl * 0.35 + edge * 0.7)
                )
                cl = cl * (1 - hz) + (col[2, c] * 0.9 + col[3, c] * gl * 0.6) * hz
                sky[y, x, c] = s * tr + cl * (1 - tr)


@dataclass
class Sky:
    """light: float32 [rows, width, 3] down to just below the horizon; clear: transmittance of clouds; sun: its pixel,
    or None.
    """

    light: np.ndarray
    clear: np.ndarray
    sun: tuple[float, float] | None


def draw(scene: Scene, mood: Mood, view: View, light: np.ndarray, azimuth: float, when: float = 0.0) -> Sky:
    """Sky with clouds and the disc of sun or moon. light: unit vector toward it; azimuth: radians from straight
    ahead; when: seconds, in which clouds drift with the wind and grow.
    """
    rows = int(min(view.height, view.yh + view.unit * 0.06))
    width = view.width
    h, w = int(np.ceil(rows / COARSE)), int(np.ceil(width / COARSE))
    side = scene.setting.side
    long = max(view.width, view.height)
    span = view.camera.horizon * view.height / long  # the part of the sky map that shows
    top = scene.sky[: max(8, min(32, round(32 * span / 0.5)))]
    cover = cv2.resize(top.astype(np.float32), (w, h), interpolation=cv2.INTER_CUBIC)
    cols, rws = np.arange(w)[None], np.arange(h)[:, None]
    cover = cover + (mood["wind"] * 0.25 * np.sin((cols * side + rws * 1.6) / w * 7)).astype(np.float32)
    parts = [np.ones((h, w), np.float32) for _ in range(4)]
    shape = np.array([
        mood["cloud_cover"] - 0.12, mood["cloud_thickness"], mood["cloud_scale"] * 0.9, mood["cloud_stretch"],
        mood["cloud_erosion"], mood["cloud_density"], -side * when * (0.02 + 0.12 * mood["wind"]), 0.03 * when,
    ])  # fmt: skip
    q = COARSE
    bands(_clouds, h, cover, view.f / q, view.cx / q, view.yh / q, shape, light, scene.seed % 500, *parts)
    parts[0] = np.clip(parts[0], 0, 1)
    big = [
        np.ascontiguousarray(cv2.resize(a, (w * q, h * q), interpolation=cv2.INTER_CUBIC)[:rows, :width]) for a in parts
    ]
    clear = np.clip(big[0], 0, 1)
    colours = np.stack([mood[k] for k in ("zenith", "sky", "horizon", "glow", "cloud_lit", "cloud_dark")])
    out = np.zeros((rows, width, 3), np.float32)
    galaxy = max([o.size for o in scene.objects if o.kind == "galaxy"], default=0.0)
    slant = next((np.tan(o.yaw) for o in scene.objects if o.kind == "galaxy"), 0.7 * side)
    bands(
        _fill, rows, out, view.f, view.cx, view.yh, colours, mood["glow_strength"], light, clear, *big[1:], mood["cloud_gain"],
        float(max(mood["stars"] * 0.8, galaxy * 1.6)), float(slant),
        0.6 * float(np.clip((0.55 - clear.mean()) * 2.5, 0, 1)), scene.seed % 97,
    )  # fmt: skip
    sun = None
    if abs(azimuth) < 1.3:
        el = np.arcsin(light[1])
        x, y = view.cx + view.f * np.tan(azimuth), view.yh - view.f * np.tan(el) / max(np.cos(azimuth), 0.2)
        if -0.1 * width < x < 1.1 * width and y > -50:
            sun = (float(x), float(y))
            lunar = mood["moon"] > 0.4
            radius = view.unit * (0.020 if lunar else 0.017)
            glow = np.minimum(mood["glow"] * 0.5 + mood["sun"] * 0.6 + 0.15, 1.3)
            disc(
                out,
                clear,
                sun,
                radius,
                (from_hex("f4f0dc") if lunar else glow) * (0.8 + 0.5 * mood["glow_strength"]),
                lunar,
            )
    return Sky(out, clear, sun)


def halo(sky: np.ndarray, at: tuple[float, float], radius: float, colour: np.ndarray) -> None:
    """Light round a point: a quarter is left at some 0.6 radii."""
    yy, xx = np.ogrid[: sky.shape[0], : sky.shape[1]]
    r2 = ((xx - at[0]) ** 2 + (yy - at[1]) ** 2).astype(np.float32) / np.float32(radius**2)
    sky += (1 / (1 + 4 * r2) ** 1.5)[..., None] * colour.astype(np.float32)


def disc(
    sky: np.ndarray, clear: np.ndarray, at: tuple[float, float], radius: float, colour: np.ndarray, lunar: bool
) -> None:
    """A sun or a full moon with its grey seas, dimmed by cloud."""
    x0, x1 = max(0, int(at[0] - 2 * radius)), min(sky.shape[1], int(at[0] + 2 * radius) + 2)
    y0, y1 = max(0, int(at[1] - 2 * radius)), min(sky.shape[0], int(at[1] + 2 * radius) + 2)
    if x0 >= x1 or y0 >= y1:
        return
    yy, xx = np.mgrid[y0:y1, x0:x1].astype(np.float32)
    dx, dy = (xx - at[0]) / radius, (yy - at[1]) / radius
    k = np.clip((1.05 - np.hypot(dx, dy)) * max(6, radius * 0.5), 0, 1) * (0.15 + 0.85 * clear[y0:y1, x0:x1] ** 0.7)
    face = np.ones_like(k)
    if lunar:
        for sx, sy, r in ((-0.3, -0.25, 0.38), (0.25, -0.1, 0.3), (-0.1, 0.35, 0.26), (0.42, 0.4, 0.18)):
            face -= 0.16 * np.exp(-((dx - sx) ** 2 + (dy - sy) ** 2) / (r * r))
    part = sky[y0:y1, x0:x1]
    part += (colour.astype(np.float32) * face[..., None] - part) * k[..., None]
