"""Talking heads of others, moved by ours: Wan-Animate, LTX-2, and any animator that is a command or a function."""

from .external import ExternalHead
from .ltx2 import Ltx2Head
from .wan import WanHead

__all__ = ["ExternalHead", "Ltx2Head", "WanHead"]
