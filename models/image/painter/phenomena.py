"""What appears in the sky: rainbow, lightning, aurora, moon, birds; `fireworks` have a room of their own. All take the sky as
float32 [rows, width, 3] and change it."""

from __future__ import annotations

import cv2
import numpy as np

from ..scene import Mood, Scene
from ..scene.colour import from_hex
from . import fireworks
from .noise import field, zigzag
from .ramps import flash, ramp
from .sky import Sky, disc, halo
from .view import View


def strength(scene: Scene, kind: str, base: float = 0.0) -> float:
    """The strongest of a mood's number and the scene's own tokens of that kind."""
    return max([base, *(o.size for o in scene.objects if o.kind == kind)])


def draw(sky: Sky, scene: Scene, mood: Mood, view: View, when: float = 0.0) -> None:
    """Everything that shines in or crosses the sky, before the land is lit. when: seconds; bolts flash."""
    rng = np.random.default_rng(scene.seed + 3)
    for o in scene.objects:
        if o.kind == "moon":
            x, y = view.cx + o.u * view.f, view.yh * (1 - min(o.state, 0.95)) if o.state else view.yh * 0.4
            halo(sky.light, (x, y), view.unit * 0.16, mood["glow"] * 0.35 * o.size)
            disc(
                sky.light, sky.clear, (x, y), view.unit * 0.026 * (0.6 + 0.4 * o.size), from_hex("f4f0dc") * 1.25, True
            )
    if (k := strength(scene, "aurora")) > 0.05:
        aurora(sky, view, scene, mood, k)
    if (k := strength(scene, "rainbow", mood["rainbow"])) > 0.05:
        rainbow(sky, view, scene.setting.side, k)
    if (k := strength(scene, "lightning", ramp(mood["lightning"], 0.15, 0.85))) > 0.03:
        lightning(sky, scene, view, k * flash(when), rng)
    fireworks.draw(sky.light, scene, mood, view, when)


def rainbow(sky: Sky, view: View, side: float, amount: float) -> None:
    """A bow opposite the sun, with a faint second one."""
    h, w = sky.light.shape[:2]
    x0 = sky.sun[0] if sky.sun else view.cx + side * view.unit * 0.3
    bx, by, br = view.cx + np.sign(view.cx - x0 + 1e-3) * view.unit * 0.12, view.yh + view.unit * 0.10, view.unit * 0.50
    yy, xx = np.ogrid[:h, :w]
    r = np.hypot(xx - bx, yy - by).astype(np.float32)
    for radius, wide, flip, k0 in ((br, 0.030, 1.0, 0.6), (br * 1.22, 0.036, -1.0, 0.18)):
        t = (r - radius) / (view.unit * wide)
        k = np.clip(1 - t * t, 0, 1) ** 0.8 * amount * k0
        hue = np.clip((1 - t * flip) / 2, 0, 1) * 270
        rgb = cv2.cvtColor(
            np.dstack([hue, np.full_like(hue, 0.8), np.ones_like(hue)]).astype(np.float32), cv2.COLOR_HSV2RGB
        )
        sky.light *= (1 - 0.45 * k)[..., None]
        sky.light += rgb * (k * 0.55)[..., None]
    inside = np.clip(1 - r / br, 0, 1) ** 0.3 * amount * 0.10
    sky.light += inside[..., None].astype(np.float32)


def _bolt(
    img: np.ndarray, p: tuple[float, float], q: tuple[float, float], w: float, rng: np.random.Generator, depth: int = 0
) -> None:
    pts = zigzag(np.array(p, float), np.array(q, float), rng, 6, 0.18, (1, 0.4))
    cv2.polylines(img, [(pts * 8).astype(np.int32)], False, 255, max(1, int(w)), cv2.LINE_AA, 3)
    if depth < 2:
        for _ in range(3):
            a = pts[int(rng.integers(len(pts) // 5, len(pts) * 4 // 5))]
            end = (a[0] + rng.normal() * img.shape[0] * 0.10, a[1] + abs(rng.normal()) * img.shape[0] * 0.12)
            _bolt(img, a, end, w * 0.5, rng, depth + 1)


def lightning(sky: Sky, scene: Scene, view: View, amount: float, rng: np.random.Generator) -> None:
    """Forked bolts with their glow in the clouds: the scene's own, or up to three, one after the other as the amount rises."""
    h, w = sky.light.shape[:2]
    n = view.unit
    b = np.zeros((h, w), np.float32)
    tokens = [o for o in scene.objects if o.kind == "lightning"]
    side = scene.setting.side
    places = [(view.cx + o.u * view.f, 1.0) for o in tokens] or [
        (w / 2 + n * side * rng.uniform(0.12, 0.32), 1.0),
        (w / 2 - n * side * rng.uniform(0.05, 0.42), ramp(amount, 0.35, 0.8)),
        (w / 2 + n * side * rng.uniform(-0.1, 0.46), ramp(amount, 0.6, 1.0)),
    ]
    for x0, come in places:
        bolt = np.zeros((h, w), np.uint8)
        _bolt(bolt, (x0, -5.0), (x0 + rng.normal() * n * 0.08, view.yh * 0.98), 3.4 * n / 1024 + 0.5, rng)
        b = np.maximum(b, bolt.astype(np.float32) * (come / 255))
    glow = cv2.GaussianBlur(b, (0, 0), n / 110) * 1.2
    small = cv2.resize(b, (max(1, w // 8), max(1, h // 8)), interpolation=cv2.INTER_AREA)
    glow += cv2.resize(cv2.GaussianBlur(small, (0, 0), n / 144), (w, h)) * 1.2
    k = min(1.0, amount * 1.4)
    sky.light += (k * np.maximum(b * 2.2, np.minimum(glow, 0.30)))[..., None] * np.array([0.85, 0.85, 1.1], np.float32)


def aurora(sky: Sky, view: View, scene: Scene, mood: Mood, amount: float) -> None:
    """Curtains of light: folded bands whose rays fade upward, green below, violet above."""
    h, w = sky.light.shape[:2]
    rng = np.random.default_rng(scene.seed + 61)
    yy = np.arange(h, dtype=np.float32)[:, None]
    xs = np.arange(w, dtype=np.float32)
    rays = field(1, w, 46.0, 1.0, scene.seed % 999 + 5, 3)[0]
    rays2 = field(1, w, 140.0, 1.0, scene.seed % 999 + 9, 2)[0]
    green, violet, rose = np.array([0.10, 0.95, 0.50]), np.array([0.45, 0.18, 0.95]), np.array([0.9, 0.2, 0.45])
    low = green * 0.85 + mood["glow"] * 0.12
    for k in range(3):
        base = (
            view.yh * (0.86 - 0.2 * k)
            + view.yh * 0.16 * np.sin(xs / w * (5 + 2 * k) + rng.uniform(0, 6))
            + view.yh * 0.10 * np.sin(xs / w * 13 + rng.uniform(0, 6))
        )
        tall = view.yh * (0.55 + 0.1 * k) * (0.75 + 0.5 * rays)
        fade = 0.35 + 0.65 * np.clip(np.sin(xs / w * 4 + rng.uniform(0, 6)) * 0.7 + 0.55, 0, 1)
        t = (base[None] - yy) / np.maximum(tall[None], 1)
        up = np.maximum(t, 0)
        body = np.exp(-2.3 * up) * (1 - np.exp(-up * 26))
        body *= (fade * (0.55 + 0.9 * np.clip(rays2 + 0.4 * rays + 0.35, 0, 1.3)))[None] * amount * (0.85 - 0.18 * k)
        c = (
            low[None, None] * np.exp(-2 * up)[..., None]
            + (violet if k < 2 else rose)[None, None] * np.clip(up * 1.2, 0, 0.9)[..., None]
        )
        sky.light += (np.clip(body, 0, 1.5)[..., None] * c * (0.35 + 0.65 * sky.clear[..., None])).astype(np.float32)


def birds(img: np.ndarray, scene: Scene, mood: Mood, view: View, when: float = 0.0) -> None:
    """A flock: gulls light, crows dark. when: seconds flown."""
    rng = np.random.default_rng(scene.seed + 21)
    n = view.unit
    count = int(16 * max(mood["gulls"] * 0.7, mood["crows"]))
    dark = mood["crows"] > mood["gulls"]
    middle = np.array([view.width / 2 + n * rng.normal() * 0.16, max(view.yh - n * rng.uniform(0.12, 0.26), n * 0.08)])
    tint = mood["zenith"] * 0.25 + 0.01 if dark else np.minimum(mood["cloud_lit"] * 0.9 + 0.1, 1)
    for _ in range(count):
        s = n * 0.009 * rng.uniform(0.5, 1.5)
        x, y = middle + rng.normal(size=2) * n * [0.14, 0.06]
        a, flap = rng.normal() * 0.3, rng.uniform(0.2, 0.9)
        if when:
            x += scene.setting.side * n * when * (0.015 + 0.8 * s / n)
            flap = 0.55 + (flap - 0.2) * np.sin(9 * when + 7 * a)
        if y > view.yh * 0.97:
            continue
        wing = np.array([[-1, -flap], [-0.5, -flap * 0.75 - 0.12], [0, 0], [0.5, -flap * 0.75 - 0.12], [1, -flap]]) * s
        turn = np.array([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]])
        pts = ((wing @ turn.T + [x, y]) * 8).astype(np.int32)
        cv2.polylines(img, [pts], False, tuple(map(float, tint)), max(1, int(n / 512)), cv2.LINE_AA, 3)


def points(picture: np.ndarray, material: np.ndarray, sky: Sky, scene: Scene, mood: Mood, view: View) -> None:
    """Stars, set on top of the paint. picture: display colour 0..1."""
    galaxy = strength(scene, "galaxy")
    amount = max(mood["stars"], galaxy)
    if amount < 0.08:
        return
    rng = np.random.default_rng(scene.seed + 22)
    h, w = material.shape
    layer = np.zeros((h, w), np.float32)
    count = int((330 + 900 * min(1, galaxy)) * amount)
    xs, ys, mag = rng.random(count) * w, rng.random(count) ** 1.2 * view.yh, rng.random(count)
    bright = 0.35 + 0.6 * rng.random(count)
    for x, y, s, v in zip(xs, ys, mag, bright, strict=True):
        if y < sky.clear.shape[0] and material[int(y), int(x)] == 0 and sky.clear[int(y), int(x)] > 0.5:
            cv2.circle(
                layer,
                (int(x * 8), int(y * 8)),
                int(8 * view.unit / 768 * (0.6 + 1.0 * s**5)),
                float(v),
                -1,
                cv2.LINE_AA,
                3,
            )
    k = layer * (material == 0) * min(1.0, amount * 1.2)
    picture += (np.array([0.95, 0.95, 1.0], np.float32) - picture) * k[..., None].astype(np.float32)
