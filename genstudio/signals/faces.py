"""Face finding for every room that needs it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from genstudio import registry

if TYPE_CHECKING:
    from genstudio.protocols import U8, Face


def find_faces(image: U8, finder: str = "embedded") -> list[Face]:
    """Faces in uint8 [h, w, 3] RGB with 68 landmarks, largest first; [] when there is none."""
    return list(registry.load(f"faces:{finder}")(image))
