"""What a talking video shows apart from its emotion: blinks, head motion, jitter, frozen and lost frames, lips."""

from __future__ import annotations

from .read import video_measures

__all__ = ["video_measures"]
