"""Face, voice and text read together: late fusion, compound expressions, agreement; and a fusion network to train."""

from __future__ import annotations

from .agreement import Agreement, agreement
from .compound import compounds
from .late import Channel, fuse, smooth

__all__ = ["Agreement", "Channel", "agreement", "compounds", "fuse", "smooth"]
