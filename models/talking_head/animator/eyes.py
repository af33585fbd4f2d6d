"""The eyes behind the lids: finds the iris, completes what the lids cover, and turns the eyeballs."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from genstudio.signals.shapes import smoothstep

F32 = NDArray[np.float32]
U8 = NDArray[np.uint8]
Bool = NDArray[np.bool_]

IRIS_OVER_WIDTH = (0.165, 0.245)  # radius of the iris over the width of the eye's opening: 11.7 mm over about 29 mm
SMALLEST_OPENING = 0.12  # height over width below which an eye counts as closed in the photograph


@dataclass(frozen=True)
class Eye:
    """One eye in texture pixels.

    x, y: upper left of the patch; photo, sclera, iris float32 [h, w, 3]; known [h, w]: 0..1, where the photo shows the
    eyeball; residual [h, w, 3]: photo minus composite; centre, radius: the iris; white [3]: colour of the sclera.
    """

    x: int
    y: int
    photo: F32
    sclera: F32
    iris: F32
    known: F32
    residual: F32
    centre: tuple[float, float]
    radius: float
    white: F32
    open: bool

    def draw(self, shift: tuple[float, float], out: U8) -> None:
        """Writes the eyeball turned by `shift` pixels into a texture uint8 [H, W, 3]."""
        h, w = self.known.shape
        if not self.open or (abs(shift[0]) < 0.02 and abs(shift[1]) < 0.02):
            mix = self.composite((0.0, 0.0)) + self.residual if self.open else self.photo
        else:
            away = float(np.exp(-(shift[0] ** 2 + shift[1] ** 2) / (0.10 * self.radius) ** 2))
            mix = self.composite(shift) + away * self.residual
        out[self.y : self.y + h, self.x : self.x + w] = np.clip(mix + 0.5, 0, 255).astype(np.uint8)

    def composite(self, shift: tuple[float, float]) -> F32:
        """Sclera with the iris moved by `shift`: float32 [h, w, 3]."""
        h, w = self.known.shape
        cx, cy = self.centre[0] - self.x + shift[0], self.centre[1] - self.y + shift[1]
        yy, xx = np.mgrid[0:h, 0:w].astype(np.float32)
        m = iris_mask(np.hypot(xx - cx, yy - cy), self.radius)[..., None]
        iris = self.iris
        if shift != (0.0, 0.0):
            move = np.array([[1, 0, shift[0]], [0, 1, shift[1]]], np.float32)
            iris = np.asarray(cv2.warpAffine(iris, move, (w, h), borderMode=cv2.BORDER_REPLICATE), np.float32)
        return np.asarray(self.sclera * (1 - m) + iris * m, np.float32)


def iris_mask(distance: F32, radius: float) -> F32:
    """1 inside the iris, 0 outside, soft over the limbus."""
    return np.asarray(smoothstep((1.07 * radius - distance) / (0.16 * radius)), np.float32)


def find_iris(grey: F32, opening: Bool, left: float, right: float, middle: float) -> tuple[float, float, float]:
    """Centre x, y and radius of the iris in a grey patch [h, w], inside the eye's opening.

    The disc that is darkest inside against the ring around it, with a sharp edge at its sides (lids hide top and bottom),
    not far from the middle of the opening.
    """
    h, w = grey.shape
    width = right - left
    yy, xx = np.mgrid[0:h, 0:w].astype(np.float32)
    inside = opening.astype(np.float32)
    smooth = cv2.GaussianBlur(grey, (0, 0), max(0.6, 0.015 * width))
    centre_x = 0.5 * (left + right)
    best = (-1e9, centre_x, middle, 0.2 * width)
    for r in np.linspace(*IRIS_OVER_WIDTH, 6) * width:
        for cx in np.linspace(centre_x - 0.24 * width, centre_x + 0.24 * width, 19):
            for cy in np.linspace(middle - 0.12 * width, middle + 0.12 * width, 9):
                d = np.hypot(xx - cx, yy - cy)
                disc, ring = inside * (d < 0.92 * r), inside * (d > 1.08 * r) * (d < 1.5 * r)
                n, k = disc.sum(), ring.sum()
                if n < 6 or k < 4:
                    continue
                contrast = (ring * smooth).sum() / k - (disc * smooth).sum() / n
                size = 14.0 * ((r / width - 0.205) / 0.03) ** 2
                off = 40.0 * ((cx - centre_x) / width) ** 2 + 60.0 * ((cy - middle) / width) ** 2
                score = contrast + 0.05 * n / (r * r) * contrast - 0.3 * size - off
                if score > best[0]:
                    best = (float(score), float(cx), float(cy), float(r))
    return best[1:]


def _fill(values: F32, known: F32, scales: tuple[float, ...]) -> F32:
    """Fills a picture from where it is known, by ever wider averages."""
    out, weight = np.zeros_like(values), np.zeros_like(known)
    for s in scales:
        w = cv2.GaussianBlur(known, (0, 0), s)
        v = cv2.GaussianBlur(values * known[..., None], (0, 0), s)
        new = np.clip(w * 4, 0, 1) * (1 - weight)
        out += v / np.maximum(w, 1e-6)[..., None] * new[..., None]
        weight += new
    out += (1 - weight)[..., None] * (values * known[..., None]).sum((0, 1)) / max(float(known.sum()), 1e-6)
    return out


def make_eye(photo: U8, corners: F32, opening: Bool, skin: F32) -> Eye:
    """photo uint8 [H, W, 3] texture; corners [6, 2] the eye's landmarks; opening [H, W] where the face mesh leaves the eye
    free; skin [3] mean skin colour."""
    left, right = float(corners[:, 0].min()), float(corners[:, 0].max())
    width = right - left
    mx, my = 0.5 * (left + right), float(corners[:, 1].mean())
    hh, ww = photo.shape[:2]
    x0, x1 = max(0, int(mx - 0.85 * width)), min(ww, int(mx + 0.85 * width) + 1)
    y0, y1 = max(0, int(my - 0.62 * width)), min(hh, int(my + 0.62 * width) + 1)
    patch = photo[y0:y1, x0:x1].astype(np.float32)
    free = opening[y0:y1, x0:x1]
    tall = float(np.mean([corners[5, 1] - corners[1, 1], corners[4, 1] - corners[2, 1]]))
    lum = float(skin.mean())
    guess = np.clip(np.array([0.95, 0.94, 0.93]) * min(lum * 0.55 + 85, lum * 2.5), 0, 235).astype(np.float32)
    zero = np.zeros(free.shape, np.float32)
    if tall < SMALLEST_OPENING * width or free.sum() < 24:
        return Eye(x0, y0, patch, patch, patch, zero, patch * 0, (mx, my), 0.2 * width, guess, False)
    # leave out lashes and lid margins, more at the top
    step = max(1, round(0.022 * width))
    core = np.asarray(cv2.erode(free.astype(np.uint8), np.ones((2 * step + 1, 2 * step + 1), np.uint8)))
    core = np.minimum(core, np.roll(core, step, 0))
    grey = patch @ np.array([0.45, 0.45, 0.10], np.float32)
    cx, cy, r = find_iris(grey, core > 0, left - x0, right - x0, my - y0)
    yy, xx = np.mgrid[0 : free.shape[0], 0 : free.shape[1]].astype(np.float32)
    d = np.hypot(xx - cx, yy - cy)
    known = (core > 0).astype(np.float32)
    white_at = known * (d > 1.10 * r)
    sane = grey > 0.6 * np.median(grey[white_at > 0]) if white_at.sum() > 8 else white_at > 2
    white_at = (white_at * sane).astype(np.float32)
    if white_at.sum() > 12:
        sclera = _fill(patch, white_at, (0.04 * width, 0.1 * width, 0.25 * width))
        bright = patch[white_at > 0]
        white = np.percentile(bright, 75, axis=0).astype(np.float32)
    else:
        sclera, white = np.broadcast_to(guess, patch.shape).copy(), guess
    sclera = np.where((white_at > 0)[..., None], patch, sclera)
    soft = cv2.GaussianBlur(white_at, (0, 0), 0.02 * width)[..., None]
    sclera = sclera * soft + _fill(sclera, np.maximum(white_at, 0.02), (0.06 * width, 0.2 * width)) * (1 - soft)
    iris = _complete_iris(patch, known, d, r)
    m = iris_mask(d, r)[..., None]
    composite = sclera * (1 - m) + iris * m
    trust = cv2.GaussianBlur(
        cv2.erode(free.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(np.float32), (0, 0), 0.8
    )
    residual = (patch - composite) * trust[..., None]
    return Eye(x0, y0, patch, sclera, iris, known, residual, (cx + x0, cy + y0), r, white, True)


def _complete_iris(patch: F32, known: F32, distance: F32, radius: float) -> F32:
    """The whole iris: what is seen, and for the rest the median colour at the same distance from the pupil."""
    bins = 10
    at = np.clip(distance / (1.1 * radius) * bins, 0, bins - 0.01)
    profile = np.zeros((bins, 3), np.float32)
    filled = np.zeros(bins, bool)
    for k in range(bins):
        here = (known > 0) & (at >= k) & (at < k + 1) & (distance < 1.1 * radius)
        if here.sum() > 2:
            profile[k], filled[k] = np.median(patch[here], 0), True
    if not filled.any():
        profile[:] = (60, 45, 35)
    else:
        for c in range(3):
            profile[:, c] = np.interp(np.arange(bins), np.flatnonzero(filled), profile[filled, c])
    rc = np.clip(at - 0.5, 0, bins - 1)
    radial = np.stack([np.interp(rc, np.arange(bins), profile[:, c]) for c in range(3)], -1)
    keep = cv2.GaussianBlur(cv2.erode(known, np.ones((3, 3), np.uint8)), (0, 0), 1.0)[..., None] * known[..., None]
    return np.asarray(patch * keep + radial * (1 - keep), np.float32)
