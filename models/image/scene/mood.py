"""Mood: what the weather, the light, the season and the hour do to a place. 56 numbers and 33 colours, all of which
blend.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from genstudio.errors import InputError, suggest

from .colour import from_hex, from_oklab, oklab, to_hex

# name: (default, low, high, meaning). A default mood is a mild day.
NUMBERS: Final[dict[str, tuple[float, float, float, str]]] = {
    # light
    "sun_elevation": (38, 2, 70, "degrees above the horizon"),
    "sun_ahead": (0.25, 0, 1, "1 the sun stands before the viewer, 0 behind"),
    "sun_strength": (2.6, 0, 5, ""),
    "sky_strength": (0.85, 0, 2, "light from the whole sky: fills the shadows"),
    "glow_strength": (0.45, 0, 1.5, "halo round the sun"),
    "light_pool": (0.35, 0, 1, "cloud shadow on all but the focus"),
    "night": (
        0,
        0,
        1,
        "lamps, lit windows, lights of boats, wet streets, fireworks; the dark itself is in sun, sky and colours",
    ),
    "moon": (0, 0, 1, "above 0.4 the disc, where it is in view, is the moon"),
    "stars": (0, 0, 1, ""),
    "halo": (0.25, 0, 1, "light bleeding out of bright places"),
    # air and weather
    "cloud_cover": (0.05, -0.6, 1, "below -0.4 clear, above 0.5 overcast"),
    "cloud_thickness": (0.9, 0.3, 2, ""),
    "cloud_density": (0.8, 0.3, 2.5, ""),
    "cloud_scale": (1, 0.4, 2.5, ""),
    "cloud_erosion": (0.75, 0, 1.5, "0 smooth banks, 1 torn"),
    "cloud_stretch": (1, 0.5, 3, "drawn out along the horizon"),
    "cloud_gain": (1, 0, 1.5, "sunlight on clouds"),
    "wind": (0, 0, 1, "slants clouds, rain, grass and strokes; blows blossom about"),
    "fog": (0.55, 0, 4, "distance haze"),
    "mist": (0, 0, 1, "low mist"),
    "mist_height": (0.5, 0.1, 1.5, ""),
    "rain": (0, 0, 1, "rain and wet ground; on bare land it stands"),
    "snowfall": (0, 0, 1, ""),
    "lightning": (0, 0, 1, "up to three bolts; in woods they strike the ground"),
    "rainbow": (0, 0, 1, ""),
    "fireworks": (0, 0, 1, "by night, anywhere; where people are, a crowd under strings of lamps"),
    # season and state of things
    "leaves": (1, 0, 1, "share of leaves still on the trees; where few are left, dead trees stand out"),
    "blossom": (0, 0, 1, ""),
    "flowers": (0.25, 0, 1, "in meadows; above 0.5 in beds before the viewer"),
    "snow": (0, 0, 1, "snow on the ground"),
    "snowline": (0.4, 0, 1, "of mountains that wear snow: 0 low, 1 only the highest crests"),
    "waves": (0.15, 0, 1.5, ""),
    "ripples": (0.5, 0, 1.2, ""),
    "foam": (0.15, 0, 1, ""),
    "scum": (0, 0, 1, "filth, oil and dead fish on the water, and the works it comes from"),
    "litter": (0, 0, 1, "rubbish on the ground, and heaps of it, with flies and rats"),
    "grime": (0, 0, 1, "dirt that runs down walls"),
    "lights": (0.05, 0, 1, "share of windows lit"),
    "lantern": (
        0,
        0,
        1,
        "helplessness: one faint light in the dark, houses that lean; in a gale a tornado, on a rough sea a great wave",
    ),
    "broken": (0, 0, 1, "broken and boarded windows"),
    "ruin": (0, 0, 1, "how far buildings have fallen"),
    "smoke": (0.1, 0, 1, ""),
    "fire": (0, 0, 1, "the place burns; in towns a crowd"),
    "people": (0.5, 0, 1, "share of the figures present; with flowers, by day, bunting, balloons and a few who dance"),
    "crows": (0, 0, 1, "windows shut; in still air graves, by the sea a wreck or an empty boat"),
    "gulls": (0.3, 0, 1, ""),
    "ruggedness": (
        1,
        0.5,
        2,
        "multiplies the roughness map; below 0.95 what lies about goes, grass is mown, trees thin out",
    ),
    # tone
    "saturation": (1, 0, 1.6, ""),
    "contrast": (1, 0.6, 1.8, ""),
    "black": (0.05, 0, 0.3, "value of the darkest parts"),
    "middle": (0.46, 0.1, 0.75, "median value"),
    "white": (0.94, 0.5, 1, "value of the lightest parts"),
    "split_tone": (0.22, 0, 0.6, "how far shadows and lights take their tints"),
    "cast_strength": (0, 0, 0.5, "how far everything takes the cast"),
    "vignette": (0.1, 0, 0.5, ""),
    # the painter's hand
    "stroke_size": (1, 0.5, 2, ""),
    "stroke_length": (1, 0.5, 2, ""),
    "stroke_energy": (0.3, 0, 1, "turbulence and curl"),
    "stroke_variation": (0.1, 0, 0.3, "value jitter"),
    "hue_variation": (0.02, 0, 0.06, ""),
    "impasto": (1.3, 0, 3, "relief of the paint"),
}

# name: (default sRGB, meaning)
COLOURS: Final[dict[str, tuple[str, str]]] = {
    "sun": ("fff0d0", "sunlight or moonlight"),
    "sky_light": ("a9c4ea", "light from the sky"),
    "zenith": ("5f92cc", "sky overhead"),
    "sky": ("9cc4e6", "sky halfway"),
    "horizon": ("dce8ec", "sky at the horizon, and the haze"),
    "glow": ("fff1cf", "round the sun"),
    "cloud_lit": ("fff6e6", ""),
    "cloud_dark": ("8d9ab2", ""),
    "lamp": ("ffd086", "lamps and lit windows"),
    "shadow_tint": ("5a6a9a", ""),
    "light_tint": ("fff2d8", ""),
    "cast": ("808080", ""),
    "canvas": ("b08050", "the tone under the paint"),
    "grass": ("6f9440", ""),
    "dry_grass": ("a8a84a", ""),
    "leaf": ("4f7a34", ""),
    "leaf_light": ("86a040", ""),
    "conifer": ("3c5a34", ""),
    "blossom_tint": ("f0b4c4", ""),
    "blossom_light": ("fbeef0", ""),
    "petal": ("e8423c", "flowers, first kind"),
    "petal_b": ("f4c430", "flowers, second kind"),
    "petal_c": ("c85ca8", "flowers, third kind"),
    "dirt": ("a88660", ""),
    "sand": ("d9c294", ""),
    "rock": ("8d857c", ""),
    "snow_white": ("f2f5fb", ""),
    "water": ("1f5468", "deep water"),
    "foam_white": ("f4f6f4", ""),
    "paving": ("9a958c", ""),
    "wall": ("d8c4a0", "tint of walls"),
    "roof": ("8c4a34", "tint of roofs"),
    "cloth": ("b84c3c", "awnings, sails, clothes, parasols: the accent"),
}
NUMBER_NAMES: Final = tuple(NUMBERS)
COLOUR_NAMES: Final = tuple(COLOURS)
VECTOR: Final = len(NUMBERS) + 3 * len(COLOURS)
_DEFAULTS: Final = {k: float(v[0]) for k, v in NUMBERS.items()}
_DEFAULT_LAB: Final = {k: oklab(from_hex(v[0])) for k, v in COLOURS.items()}
_LOW: Final = np.array([v[1] for v in NUMBERS.values()], float)
_SPAN: Final = np.array([v[2] - v[1] for v in NUMBERS.values()], float)


@dataclass(frozen=True)
class Mood:
    """Numbers by name (clipped to their range) and colours by name as OKLab triples. `mood["fog"]`, `mood["sun"]`
    read either.

    Colours are read as linear RGB [3] arrays, numbers as floats. `Mood.make` fills what is not given with a mild day.
    """

    numbers: Mapping[str, float]
    colours: Mapping[str, tuple[float, float, float]]

    @classmethod
    def make(cls, values: Mapping[str, Any]) -> Mood:
        """From any mix of numbers and colours (hex strings, or OKLab triples); unknown names fail with the nearest
        known.
        """
        numbers, colours = dict(_DEFAULTS), {k: tuple(map(float, v)) for k, v in _DEFAULT_LAB.items()}
        for name, value in values.items():
            if name in NUMBERS:
                if (
                    isinstance(value, bool)
                    or not isinstance(value, (int, float, np.floating))
                    or not np.isfinite(value)
                ):
                    raise InputError(
                        f"mood.{name} is {value!r}; it must be a number {NUMBERS[name][1]}..{NUMBERS[name][2]}"
                    )
                numbers[name] = float(np.clip(value, NUMBERS[name][1], NUMBERS[name][2]))
            elif name in COLOURS:
                colours[name] = _colour(name, value)
            else:
                raise InputError(f"mood has no field '{name}'{suggest(name, NUMBER_NAMES + COLOUR_NAMES)}")
        return cls(numbers, colours)  # type: ignore[arg-type]

    def __getitem__(self, name: str) -> Any:
        if name in self.numbers:
            return self.numbers[name]
        return from_oklab(np.array(self.colours[name]))

    def but(self, **values: Any) -> Mood:
        """A copy with some numbers or colours changed."""
        return Mood.make({**self.numbers, **self.colours, **values})

    def vector(self) -> np.ndarray:
        """Float32 [VECTOR]: numbers scaled to 0..1 by their range, then L, a, b of each colour (a and b times 2.5)."""
        n = (np.array([self.numbers[k] for k in NUMBER_NAMES]) - _LOW) / _SPAN
        c = np.array([self.colours[k] for k in COLOUR_NAMES]) * [1, 2.5, 2.5]
        return np.concatenate([n, c.ravel()]).astype(np.float32)

    @classmethod
    def from_vector(cls, vector: np.ndarray) -> Mood:
        """Inverse of `vector`; values are clipped to their ranges."""
        v = np.asarray(vector, float)
        if v.shape != (VECTOR,) or not np.isfinite(v).all():
            raise InputError(f"a mood vector has {VECTOR} finite numbers, got shape {v.shape}")
        n = len(NUMBERS)
        numbers = np.clip(v[:n], 0, 1) * _SPAN + _LOW
        lab = np.clip(v[n:].reshape(-1, 3) / [1, 2.5, 2.5], [0, -0.4, -0.4], [1, 0.4, 0.4])
        return cls(
            dict(zip(NUMBER_NAMES, map(float, numbers), strict=True)),
            {k: (float(c[0]), float(c[1]), float(c[2])) for k, c in zip(COLOUR_NAMES, lab, strict=True)},
        )

    def to_json(self) -> dict[str, Any]:
        """Numbers (4 decimals) and colours (#rrggbb) by name. Colours are rounded to 8 bits."""
        out: dict[str, Any] = {k: round(self.numbers[k], 4) for k in NUMBER_NAMES}
        return out | {k: to_hex(self[k]) for k in COLOUR_NAMES}


def _colour(name: str, value: Any) -> tuple[float, float, float]:
    try:
        lab = oklab(from_hex(value)) if isinstance(value, str) else np.asarray(value, float)
        if lab.shape != (3,) or not np.isfinite(lab).all():
            raise ValueError
    except (ValueError, TypeError):
        raise InputError(f"mood.{name} is {value!r}; a colour is '#rrggbb' (or an OKLab triple)") from None
    return float(lab[0]), float(lab[1]), float(lab[2])


def blend(moods: list[Mood], weights: list[float]) -> Mood:
    """Weighted mean of moods, colours in OKLab; weights are normalised."""
    w = np.array(weights, float) / max(sum(weights), 1e-12)
    return Mood(
        {k: float(sum(a * m.numbers[k] for a, m in zip(w, moods, strict=True))) for k in NUMBER_NAMES},
        {
            k: tuple(float(sum(a * m.colours[k][i] for a, m in zip(w, moods, strict=True))) for i in range(3))  # type: ignore[misc]
            for k in COLOUR_NAMES
        },
    )
