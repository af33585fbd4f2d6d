"""The typed scene: world maps, objects, camera, setting and mood. What is composed, edited, saved and painted.

>>> from genstudio.models.image.scene import Scene, mood_for
>>> Scene("lake", mood=mood_for(0.7, 0.5, 0.3)).subject
'lake'
"""

from __future__ import annotations

from . import grid
from .mood import COLOUR_NAMES, NUMBER_NAMES, VECTOR, Mood, blend
from .objects import COLOURS, KINDS, MAX_OBJECTS, SceneObject
from .recipes import mood_for, variants
from .scene import RANGES, Camera, Scene, Setting
from .subjects import SUBJECTS

__all__ = [
    "COLOURS", "COLOUR_NAMES", "KINDS", "MAX_OBJECTS", "NUMBER_NAMES", "RANGES", "SUBJECTS", "VECTOR", "Camera", "Mood", "Scene",
    "SceneObject", "Setting", "blend", "grid", "mood_for", "variants",
]  # fmt: skip
