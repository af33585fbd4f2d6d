"""The painter: draws any scene, at any size and aspect ratio, on a CPU, the same for the same seed.

How a picture comes about (`painter.render`, then a style):

1. `hour` lets the place bend the mood (night towns, woods under their own shade, snowbound and autumn lands).
2. `terrain` puts the maps on a fine grid of (ln distance, sideways tangent), adds eroded detail, waves and snow, and
scans it front to back:
   exact perspective and hiding. `ground` redecides the cover per pixel, so that shores and paths are crisp, and
   colours it.
3. `world` turns object tokens into primitives (`primitives`): leaf dabs, tapered bars, textured quads, rounded
solids, puffs, lamps.
   Builders by kind: `trees`, `vegetation`, `buildings`, `landmarks`, `stonework`, `things`, `grounds`, `figures`,
   `vessels`, `fire`.
   What the mood brings along is added by `happenings` (`burning`, `forsaken`, `foul`, `festivities`), and a `room` before it
   all where asked. `flood` lets rain stand and a great wave rise; `crooked` bends houses.
   Each thing has fixed thresholds by its seed (window lit, leaf kept, figure present), so moods change it piece by
   piece.
4. `raster` and `facades` draw the primitives with a depth test; `light` throws shadows, lays a pool of light, shades
with sun, sky, bounce,
   lamps, haze and mist; `sky` marches clouds; `phenomena` adds bow, bolt, fireworks, aurora, birds, stars; `water`
   reflects on screen;
   `weather` adds smoke, beams, rain, snow; `grade` sets the mood's dark, middle and light values, tints and saturation.
5. `strokes` (oil, gouache), `watercolour`, `ink` or nothing (plain) is the hand: strokes follow forms, are clipped at
silhouettes and are
   finer at objects and at the focus.

Kernels are compiled by numba once and cached on disk (`python -m genstudio.models.image.painter.warm`); they run in
bands on threads that
never share a pixel, so the number of threads does not change the picture.

    >>> from genstudio.models.image.painter import STYLES_AVAILABLE
    >>> "oil" in STYLES_AVAILABLE
    True
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

STYLES_AVAILABLE = ("oil", "watercolour", "gouache", "ink", "plain")

if TYPE_CHECKING:
    from .painter import paint as paint

__all__ = ["STYLES_AVAILABLE", "paint"]


def __getattr__(name: str) -> Any:
    """numba and OpenCV load at first use."""
    if name == "paint":
        from .painter import paint

        return paint
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
