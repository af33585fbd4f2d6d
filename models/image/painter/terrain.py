"""The land: heights on the frustum grid, normals, sun shadows, and the column scan that draws them with exact hiding."""

from __future__ import annotations

import cv2
import numpy as np
from numba import njit

from ..scene import Mood, Scene
from ..scene.grid import LN_DEPTH
from . import flood
from .noise import JIT, fbm2, field, noise2, ridge
from .ramps import ramp
from .view import DIRT, FIELD, GRASS, MATERIALS, PAVE, ROCK, SAND, SNOW, WATER, Buffers, View, bands

CHANNEL = {
    "grass": GRASS,
    "dirt": DIRT,
    "sand": SAND,
    "rock": ROCK,
    "snow": SNOW,
    "water": WATER,
    "paving": PAVE,
    "field": FIELD,
}
ROWS = 340


@njit(
    "void(int64, int64, float32[:, ::1], float32[:, ::1], float64, uint8[:, ::1], float64[::1], float64, "
    "int64, float64, float64, float64[::1], float32[:, ::1], float32[:, ::1])",
    **JIT,
)
def _heights(k0, k1, elevation, rough, sharp, mat, p, freq, seed, wave, when, great, open_, out):
    nz, nc = elevation.shape
    z0 = p[4]
    for k in range(k0, k1):
        q = p[5] * k / (nz - 1)
        z = z0 * np.exp(q)
        for i in range(nc):
            u = (2 * i / (nc - 1) - 1) * p[6]
            if mat[k, i] == 6:
                hw = 0.0
                if wave > 0.01:  # warped trochoidal trains with long crests
                    w = fbm2(u * 3.5 + 0.3 * q, q * 1.6, seed + 70, 3)
                    r = 1 - abs(np.sin(2.6 * q + 1.1 * u + 2.6 * w + 0.9 * when))
                    r2 = 1 - abs(np.sin(5.7 * q - 4.0 * u + 3.4 * w + 1 + 1.3 * when))
                    am = 0.65 + 0.6 * noise2(u * 3.1, q * 2.0, seed + 71)
                    d = fbm2(u * 16, q * 16 + 0.8 * when, seed + 73, 3)
                    hw = (
                        (r**2.2 * am + 0.30 * r2 * r2 + 0.10 * d - 0.3)
                        * wave
                        * z**0.55
                        * z0**0.45
                        * min(1.0, 3.0 * (1 - k / nz))
                    )
                if great[0] > 0:  # steep toward the viewer, a long back behind
                    g = (
                        q
                        - great[1]
                        - 0.22 * (u - great[2]) ** 2 / p[6] ** 2
                        - 0.07 * noise2(u * 5 / p[6], 0.3, seed + 75)
                    )
                    g /= 0.15 if g < 0 else 0.5
                    crest_ = (1 - 0.13 * ((u - great[2]) / p[6]) ** 2) * (
                        0.95 + 0.05 * noise2(u * 4 / p[6], 0.7, seed + 76)
                    )
                    hw += great[0] * z * max(crest_, 0.0) * np.exp(-g * g) * open_[k, i]
                out[k, i] = hw
            else:
                e = elevation[k, i]
                r = rough[k, i]
                if r > 1e-4:
                    e += r * ridge(u * freq + 7.3, q * freq, seed, 7, sharp)
                out[k, i] = max(e * z, -0.02 * z)


@njit(
    "void(int64, int64, float32[:, ::1], float32[:, ::1], uint8[:, ::1], float64[::1], float64, float64, "
    "float64, int64, float32[:, :, ::1], float32[:, ::1])",
    **JIT,
)
def _normals(k0, k1, gh, rough, gm, p, lx, slope, snow, seed, gn, gs):
    """Normals, the shadow swept along each row, and rock or snow by slope and height."""
    nz, nc = gh.shape
    for k in range(k0, k1):
        z = p[4] * np.exp(p[5] * k / (nz - 1))
        ka = max(k - 1, 0)
        kb = min(k + 1, nz - 1)
        za = p[4] * np.exp(p[5] * ka / (nz - 1))
        zb = p[4] * np.exp(p[5] * kb / (nz - 1))
        du = 2 * p[6] / (nc - 1) * z
        sh = -1e9
        for ii in range(nc):
            i = ii if lx < 0 else nc - 1 - ii
            ia = max(i - 1, 0)
            ib = min(i + 1, nc - 1)
            gx = (gh[k, ib] - gh[k, ia]) / (du * (ib - ia))
            u = (2 * i / (nc - 1) - 1) * p[6]
            gz = (gh[kb, i] - gh[ka, i]) / (zb - za) - gx * u
            n = 1 / np.sqrt(1 + gx * gx + gz * gz)
            gn[k, i, 0] = -gx * n
            gn[k, i, 1] = n
            gn[k, i, 2] = -gz * n
            h = gh[k, i]
            sh -= du * slope
            s = 1.0
            if h < sh:
                s = max(0.0, 1 - (sh - h) / (0.012 * z + 1e-6))
            else:
                sh = h
            gs[k, i] = s
            if gm[k, i] != 6 and rough[k, i] > 0.015:
                j = 0.12 * noise2(u * 40, k * 0.09, seed + 5)
                if n < 0.80 + j and gm[k, i] != 5:
                    gm[k, i] = 4
                if h / z > 0.30 - 0.32 * snow + j * 0.4 and n > 0.62 + j:
                    gm[k, i] = 5


@njit(
    "void(int64, int64, float32[:, ::1], uint8[:, ::1], float32[:, :, ::1], float32[:, ::1], float64[::1], "
    "float32[:, ::1], float32[:, :, ::1], uint8[:, ::1], float32[:, ::1], float32[:, ::1])",
    **JIT,
)
def _scan(x0, x1, gh, gm, gn, gs, p, zb, nrm, mat, sh, hgt):
    """Front to back along each picture column."""
    height = zb.shape[0]
    nz, nc = gh.shape
    for x in range(x0, x1):
        ci = ((x + 0.5 - p[1]) / p[0] / p[6] + 1) * 0.5 * (nc - 1)
        i = min(max(int(ci), 0), nc - 2)
        a = min(max(ci - i, 0.0), 1.0)
        top = height
        py = float(height) + 1e-3
        ph = 0.0
        zp = p[4]
        for k in range(nz):
            z = p[4] * np.exp(p[5] * k / (nz - 1))
            h = gh[k, i] * (1 - a) + gh[k, i + 1] * a
            ys = p[2] - p[0] * (h - p[3]) / z
            yi = max(int(np.ceil(ys - 0.5)), 0)
            if yi < top:
                kp = max(k - 1, 0)
                for y in range(yi, top):
                    t = (py - (y + 0.5)) / (py - ys) if py - ys > 1e-6 else 1.0
                    t = min(max(t, 0.0), 1.0) if k > 0 else 1.0
                    zb[y, x] = 1 / ((1 - t) / zp + t / z)
                    kk = k if t > 0.5 or gm[kp, i] == 6 else kp
                    for c in range(3):
                        nrm[y, x, c] = gn[kp, i, c] * (1 - t) + gn[k, i, c] * t
                    mat[y, x] = gm[kk, i + 1 if a > 0.5 else i]
                    sh[y, x] = gs[kp, i] * (1 - t) + gs[k, i] * t
                    hgt[y, x] = ph * (1 - t) + h * t
                top = yi
            py = ys
            ph = h
            zp = z
            if top <= 0:
                break


class Land:
    """Heights and materials of a scene in a mood, on a fine frustum grid; `ground(u, z)` reads the height in metres."""

    def __init__(self, scene: Scene, mood: Mood, view: View, sun: np.ndarray, when: float = 0.0) -> None:
        self.view, self.seed, self.when = view, scene.seed % 1000, when
        nz, nc = ROWS, int(max(view.width, view.height) * 0.75)
        self.shape = (nz, nc)
        place = scene.setting

        def up(a: np.ndarray) -> np.ndarray:
            return cv2.resize(np.ascontiguousarray(a, np.float32), (nc, nz), interpolation=cv2.INTER_CUBIC)

        elevation = cv2.GaussianBlur(up(scene.map("elevation")), (0, 0), nc / 130, None, nz / 130)
        rough = np.maximum(up(scene.map("roughness")) * mood["ruggedness"], 0).astype(np.float32)
        weights = np.zeros((MATERIALS, nz, nc), np.float32)
        snow = mood["snow"]
        grain = field(nz, nc, 40, 230, self.seed + 40, 4)
        grain2 = np.ascontiguousarray(np.roll(grain, 37, 1)[::-1])
        for name, m in CHANNEL.items():
            weights[m] = up(scene.map(name))
        dry = up((scene.map("water") < 0.5).astype(np.float32)) > 0.5
        if snow > 0.02:
            weights[SNOW] += snow * (0.9 + 0.3 * ramp(snow, 0.6, 1.0) - 0.3 * place.town) * (1 - place.beach) * dry
        weights[WATER] = (weights[WATER] - 0.5) * 6 + 0.5 + grain * 0.5
        self.flood = flooded = flood.depth(mood, scene, elevation, rough)
        weights[DIRT] += grain * 0.35
        patchy = 2.2 + 5.0 * snow * (1 - snow)  # half a cover lies in drifts, so that it comes and goes bit by bit
        weights[SNOW] += cv2.GaussianBlur(grain2, (0, 0), nc / 26, None, 4.5) * patchy * (weights[SNOW] > 0.02)
        weights[ROCK] += grain2 * 0.3 * (weights[ROCK] > 0.05)
        weights[FIELD] += 0.1 * grain2 * (weights[FIELD] > 0.05)
        material = weights.argmax(0).astype(np.uint8)
        material[material == 0] = GRASS
        self.bed = material == WATER  # wet in fair weather
        if flooded is not None:
            weights[WATER] = np.maximum(weights[WATER], flooded * 6 + weights.max(0))
            material[flooded > 0] = WATER
        self.weights = weights
        self.material = np.ascontiguousarray(material)
        wave = mood["waves"] * (0.03 + 0.055 * place.big_water)
        open_ = flood.open_water(self.bed)
        self.great = flood.great_wave(scene, mood, view, open_)
        p = view.p
        self.height = np.zeros((nz, nc), np.float32)
        self.normal = np.zeros((nz, nc, 3), np.float32)
        lit = np.ones((nz, nc), np.float32)
        bands(
            _heights,
            nz,
            elevation,
            rough,
            float(place.sharpness),
            self.material,
            p,
            float(place.frequency),
            self.seed,
            wave,
            float(when),
            self.great,
            open_,
            self.height,
        )
        flat = float(np.hypot(sun[0], sun[2]))
        slope = sun[1] / flat / max(abs(sun[0]) / flat, 0.25)
        caps = float(np.clip(snow + 0.35 + 0.6 * (0.4 - mood["snowline"]), 0, 1)) * place.caps - 2.0 * (1 - place.caps)
        self.caps = caps
        bands(
            _normals,
            nz,
            self.height,
            rough,
            self.material,
            p,
            float(sun[0]),
            float(slope),
            caps,
            self.seed,
            self.normal,
            lit,
        )
        self.lit = cv2.GaussianBlur(lit, (0, 0), 1.2)

    def draw(self, b: Buffers) -> None:
        """Fill the buffers with the land."""
        bands(
            _scan, b.depth.shape[1], self.height, self.material, self.normal, self.lit, self.view.p, b.depth, b.normal, b.material,
            b.sunlit, b.rise,
        )  # fmt: skip

    def cells(self, u: np.ndarray, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Grid rows and columns (nearest, clipped) of sideways tangents and distances."""
        nz, nc = self.shape
        k = np.log(np.maximum(z, self.view.near) / self.view.near) / LN_DEPTH * (nz - 1)
        i = (np.asarray(u) / self.view.camera.u_max + 1) * 0.5 * (nc - 1)
        return np.clip(k, 0, nz - 1).astype(int), np.clip(i, 0, nc - 1).astype(int)

    def ground(self, u: float, z: float) -> float:
        """Height in metres of the ground (or water) at a sideways tangent and distance; of the ground below a flood."""
        k, i = self.cells(np.array([u]), np.array([z]))
        deep = 0.0 if self.flood is None else min(max(float(self.flood[k[0], i[0]]), 0.0), 1.0)
        return float(self.height[k[0], i[0]]) - 0.4 * deep * self.view.camera.eye

    def wet(self, u: float, z: float) -> bool:
        """Whether there is water that no flood has brought."""
        k, i = self.cells(np.array([u]), np.array([z]))
        return bool(self.bed[k[0], i[0]])

    def maps_at(self, depth: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """cv2.remap coordinates into the grid for every pixel of a distance buffer."""
        nz, nc = self.shape
        v = self.view
        x = np.arange(depth.shape[1], dtype=np.float32)[None, :]
        col = np.broadcast_to(((x + 0.5 - v.cx) / v.f / v.camera.u_max + 1) * 0.5 * (nc - 1), depth.shape)
        row = np.minimum(np.log(np.maximum(depth, v.near) / v.near) / LN_DEPTH * (nz - 1), nz - 1)
        return np.ascontiguousarray(col, np.float32), np.ascontiguousarray(row, np.float32)
