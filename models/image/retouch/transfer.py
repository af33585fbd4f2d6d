"""Relight a photograph by the difference between the mood of an emotion and the neutral one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from ..compose.bank import painted_vad
from ..painter import phenomena, sky, styles, weather
from ..painter.grade import LUMA, bloom, encode
from ..painter.hour import adapt
from ..painter.painter import sun
from ..painter.view import View
from ..scene import Camera, Mood, Scene, mood_for
from ..scene.colour import from_oklab, linear, oklab
from .regions import distance, sky_mask

if TYPE_CHECKING:
    from genstudio.emotion import Emotion
    from genstudio.protocols import F32, U8

_GREEN = (-0.5, 0.25)  # OKLab direction of vegetation: a, b of unit length times chroma
_DARKEST = 0.8  # the median is not pushed below this share of the mood's own
_MOST_GAIN = (0.25, 2.2)  # bounds on how far a light may change, a channel


def retouch(
    pixels: U8, emotion: Emotion, seed: int = 0, strength: float = 1.0, style: str = "photo"
) -> tuple[U8, dict[str, Any]]:
    """A picture, uint8 [h, w, 3] RGB, in the mood of an emotion; its shapes stay where they are.

    strength: 0 (nothing changes) to 1.5. style: 'photo', or one of the painter's (oil, watercolour, gouache, ink, plain).
    Returns the pixels and what was found and done. Neutral changes nothing; the change grows with the emotion.
    """
    h, w = pixels.shape[:2]
    target, rest = (mood_for(*p, seed=seed, jitter=0.3) for p in (painted_vad(emotion), (0.0, 0.0, 0.0)))
    amount = float(np.clip(strength, 0, 1.5))
    top = sky_mask(pixels)
    share = float(top.mean())
    skyline = float(np.clip(float(np.median(top.sum(0))) / h, 0.15, 0.8)) if share > 0.01 else 0.35
    scene = Scene("photograph", seed % 2**31, Camera(horizon=skyline), mood=target)
    m, m0 = adapt(scene), adapt(replace(scene, mood=rest))
    light = linear(pixels.astype(np.float32) / 255).astype(np.float32)
    out = _relit(light, m, m0, amount)
    out = _greens(out, m, m0, amount)
    view = View.of(scene.camera, w, h, 0.5)
    felt = float(np.clip(np.linalg.norm(painted_vad(emotion)), 0, 1)) * min(amount, 1.0)
    if share > 0.01:
        out = _sky(out, light, top, scene, m, view, felt)
    out = _air(out, top, m, m0, amount)
    bloom(out, max(0.0, m["halo"] - m0["halo"]) * amount, view)
    shown = _tone(encode(np.maximum(out, 0)), m, m0, amount)
    if style != "photo" and amount > 0:
        form = np.full((h, w), 0.0, np.float32)
        detail = np.full((h, w), 0.7, np.float32)
        canvas = encode(m["canvas"]) * 0.8 + 0.1
        shown = styles.STYLES[style](
            np.ascontiguousarray(shown, np.float32), form, np.full((h, w), 0.1, np.float32), detail,
            styles.hand(m, canvas), seed, view.unit,
        )  # fmt: skip
    if felt > 0.05:
        weather.falling(shown, _fading(m, felt), scene, view)
        y, x = np.ogrid[:h, :w]
        edge = np.clip(((x / w - 0.5) ** 2 + (y / h - 0.5) ** 2) - 0.12, 0, 1).astype(np.float32)
        shown *= (1 - max(0.0, m["vignette"] - m0["vignette"]) * amount * 1.6 * edge)[..., None]
    done = {"sky": round(share, 3), "strength": amount, "style": style}
    return (np.clip(shown, 0, 1) * 255 + 0.5).astype(np.uint8), done


def _ratio(a: np.ndarray, b: np.ndarray, amount: float) -> np.ndarray:
    return (np.clip(a / np.maximum(b, 1e-3), *_MOST_GAIN) ** amount).astype(np.float32)


def _relit(x: F32, m: Mood, m0: Mood, amount: float) -> F32:
    """Lit parts take the change of the sun, shaded ones that of the sky; brightness follows at half its size (tone does
    the rest)."""
    y = x @ LUMA
    base = cv2.GaussianBlur(y, (0, 0), max(2.0, 0.03 * max(y.shape)))
    lit = np.clip(y / (base + y.mean() * 0.5 + 1e-4) - 0.35, 0, 1)[..., None]
    fill, fill0 = m["sky_light"] * m["sky_strength"], m0["sky_light"] * m0["sky_strength"]
    sunny, sunny0 = fill + m["sun"] * m["sun_strength"] * 0.55, fill0 + m0["sun"] * m0["sun_strength"] * 0.55

    def tinted(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        r = _ratio(a, b, amount)
        return r / max(float(r @ LUMA), 1e-3) ** 0.5

    return x * (lit * tinted(sunny, sunny0) + (1 - lit) * tinted(fill, fill0)).astype(np.float32)


def _greens(x: F32, m: Mood, m0: Mood, amount: float) -> F32:
    """Vegetation takes the season's turn: the change of leaf and grass between the moods."""
    lab = oklab(np.maximum(x, 0))
    chroma = np.hypot(lab[..., 1], lab[..., 2])
    toward = (lab[..., 1] * _GREEN[0] + lab[..., 2] * _GREEN[1]) / (np.hypot(*_GREEN) * np.maximum(chroma, 1e-4))
    green = np.clip((toward - 0.75) * 5, 0, 1) * np.clip((chroma - 0.03) * 20, 0, 1)
    green = cv2.GaussianBlur(green.astype(np.float32), (0, 0), 1.2)[..., None]
    old = oklab(0.5 * (m0["leaf"] + m0["grass"]))
    new = oklab(0.5 * (m["leaf"] + m["grass"]))
    gain = np.clip((new / np.where(np.abs(old) < 1e-3, 1e-3, old)), 0.2, 2.0)
    turned = lab * np.where(np.arange(3) == 0, gain[0], 1.0)
    turned[..., 1:] += (new - old)[1:] * 0.9
    k = green * min(amount, 1.0)
    return (x * (1 - k) + from_oklab(turned) * k).astype(np.float32)


def _sky(x: F32, before: F32, top: F32, scene: Scene, m: Mood, view: View, felt: float) -> F32:
    """The mood's own clouds and light laid over the picture's sky, which stays visible as texture."""
    azimuth, toward, _ = sun(scene, m)
    s = sky.draw(scene, m, view, toward, azimuth)
    phenomena.draw(s, scene, m, view)
    new = np.repeat(s.light[-1:], view.height, 0)
    new[: len(s.light)] = s.light
    new = new / (1 + 0.25 * new)
    own = (before @ LUMA)[..., None]
    texture = np.clip(own / (cv2.GaussianBlur(own[..., 0], (0, 0), 0.02 * view.unit + 1)[..., None] + 1e-3), 0.6, 1.6)
    k = (top * min(0.92, 1.15 * felt))[..., None]
    return (x * (1 - k) + new * texture**0.5 * k).astype(np.float32)


def _air(x: F32, top: F32, m: Mood, m0: Mood, amount: float) -> F32:
    """Haze in the distance where the mood has more of it."""
    more = max(0.0, m["fog"] + 0.8 * m["mist"] - m0["fog"] - 0.8 * m0["mist"]) * amount
    if more <= 0:
        return x
    k = ((1 - np.exp(-0.55 * more * distance(top))) * (1 - 0.7 * top))[..., None]
    haze = m["horizon"] * 0.75 + m["sky"] * 0.15
    return (x * (1 - k) + haze.astype(np.float32) * k).astype(np.float32)


def _tone(x: F32, m: Mood, m0: Mood, amount: float) -> F32:
    """Middle value, contrast, saturation, cast and split tone, each by its difference between the moods. x: sRGB 0..1."""
    y = np.clip(x @ LUMA, 1e-4, 1)[..., None]
    gamma = float(np.clip(np.log(m["middle"]) / np.log(m0["middle"]), 0.5, 2.4)) ** amount
    middle = float(np.clip(np.median(y), 0.02, 0.95))
    least = min(middle, _DARKEST * m["middle"])  # what is dark already is not put out
    gamma = min(gamma, max(1.0, float(np.log(least) / np.log(middle)))) if gamma > 1 else gamma
    t = np.clip(y, 0, 1) ** gamma
    s = (m["contrast"] - m0["contrast"]) * amount
    t = t - s * 0.9 * (t - t * t * (3 - 2 * t))
    low, high = (m["black"] - m0["black"]) * amount, (m["white"] - m0["white"]) * amount
    t = np.clip(t + low * (1 - t) + high * t, 0, 1)
    z = x * (0.8 * t / y + 0.2) + 0.2 * (t - y)
    mid = (z @ LUMA)[..., None]
    sat = float(np.clip(m["saturation"] / m0["saturation"], 0.1, 2.0)) ** amount
    z = mid + (z - mid) * sat
    dark, bright = 1 - np.clip(mid * 1.7, 0, 1), np.clip(mid * 1.7 - 0.7, 0, 1)
    for name, where, gain in (("shadow_tint", dark, 1.0), ("light_tint", bright, 0.6)):
        new, old = (encode(c[name]) / encode(c[name]).mean() for c in (m, m0))
        z = z * (1 + amount * gain * where * (m["split_tone"] * (new - 1) - m0["split_tone"] * (old - 1)))
    cast = encode(m["cast"])
    z = z * (1 + amount * (m["cast_strength"] - m0["cast_strength"]) * (cast / cast.mean() - 1))
    over = np.maximum(z.max(2, keepdims=True) - 1, 0)
    return np.clip(z + (1 - z) * np.minimum(over * 0.8, 0.7), 0, 1).astype(np.float32)


def _fading(m: Mood, felt: float) -> Any:
    """Rain and snowfall in proportion to how far the emotion is from neutral."""
    return {"rain": m["rain"] * felt, "snowfall": m["snowfall"] * felt, "wind": m["wind"]}
