"""How a place bends the mood: night towns, woods under their own shade, lands of lasting snow, autumn woods."""

from __future__ import annotations

import numpy as np

from ..scene import Mood, Scene
from ..scene.colour import from_hex

NIGHT = {"zenith": "0b1436", "sky": "1e2c5c", "horizon": "57507c", "cloud_dark": "161a34", "cloud_lit": "6a6488"}


def adapt(scene: Scene) -> Mood:
    """The mood as this place shows it."""
    m = scene.mood
    place = scene.setting
    numbers = {k: float(v) for k, v in m.numbers.items()}
    colours = {k: np.asarray(m[k], float) for k in m.colours}
    n, c = numbers, colours
    if place.night > 0:  # pull the hour toward night, keep the mood's hue
        k = place.night * (1 - 0.2 * n["night"]) * 0.86
        n["fireworks"] = max(n["fireworks"], min(1.0, (n["flowers"] - 0.55) * 2.2))
        for name, dark in NIGHT.items():
            own, deep = (0.13, 0.58) if name != "horizon" else (0.24, 0.42)
            c[name] = c[name] * ((1 - k) * 0.5) + k * (from_hex(dark) * deep + c[name] * own)
        n["sun_strength"] *= 1 - 0.8 * k
        n["sky_strength"] *= 1 - 0.52 * k
        n["glow_strength"] *= 0.5
        n["lights"] = n["lights"] * 0.6 + 0.62 * k * max(0.0, 1 - n["broken"] * 1.6) * (
            0.35 + 0.65 * min(1.0, n["people"] * 1.6)
        )
        n["stars"] += 0.5 * k * float(np.clip((0.35 - n["cloud_cover"]) * 3, 0, 1))
        n["night"] = max(n["night"], k)
        n["middle"] *= 0.62
        n["black"] *= 0.5
        n["white"] = min(0.97, n["white"] + 0.05)
        n["rainbow"] *= 0.2
        c["sun"] = c["sun"] * 0.5 + 0.5 * from_hex("9cb4f0")
        c["glow"] = c["glow"] * 0.4 + 0.3 * from_hex("8c88c0")
        n["fog"] *= 0.8
    if place.shade > 0:
        n["sky_strength"] *= 1 + 0.35 * place.shade
        n["middle"] = n["middle"] * (1 - 0.1 * place.shade) + 0.06 * place.shade
    if place.snowbound > 0:
        k = place.snowbound
        n["snow"] = max(n["snow"], 0.85 * k)
        n["snowline"] = 0.25
        n["leaves"] = min(n["leaves"], 1 - 0.75 * k)
        n["middle"] = min(n["middle"] + 0.07 * k, 0.62)
        n["flowers"] *= 1 - 0.9 * k
        n["blossom"] *= 1 - k
    if place.autumn > 0:
        k = place.autumn
        for name, gold in (("leaf", "b45a1e"), ("leaf_light", "e0a030"), ("dry_grass", "c08a3c")):
            lum = c[name].mean() / from_hex(gold).mean()
            c[name] = c[name] * (1 - 0.85 * k) + 0.85 * k * from_hex(gold) * (0.35 + 0.65 * lum)
        n["blossom"] *= 1 - k
        n["leaves"] = n["leaves"] * (1 - 0.25 * k)
    n["flowers"] = max(0.0, n["flowers"] - 0.07)
    if place.dunes > 0.5:
        n["snow"] = 0.0
    if place.big_water > 0.5:
        n["snow"] *= 0.4
    return _Raw(numbers, colours)  # type: ignore[arg-type]


class _Raw(Mood):
    """A mood whose colours are linear RGB already (no clipping, no conversion): what the painter's stages read."""

    def __getitem__(self, name: str):  # type: ignore[no-untyped-def]
        v = self.numbers.get(name)
        return v if v is not None else self.colours[name]
