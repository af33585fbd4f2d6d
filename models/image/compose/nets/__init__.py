"""The four networks of the composer."""

from __future__ import annotations

from .condition import Condition
from .maps import MapUNet
from .objects import ObjectTransformer
from .vectors import VectorNet

__all__ = ["Condition", "MapUNet", "ObjectTransformer", "VectorNet"]
