"""The mood of a given picture changed, its structure kept: light, palette, sky, air and weather.

`regions` finds sky and distance in a photograph; `transfer` relights it by the difference between two of the painter's moods.
"""

from __future__ import annotations

from .transfer import retouch

__all__ = ["retouch"]
