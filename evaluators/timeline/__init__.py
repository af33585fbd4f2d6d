"""Which emotion when: readings along time, segments, and their error against what was asked."""

from __future__ import annotations

from .eder import Errors, eder, emotion_errors, shuffled
from .page import page
from .segments import Segment, segments_of, wanted
from .timeline import Timeline, timeline

__all__ = [
    "Errors",
    "Segment",
    "Timeline",
    "eder",
    "emotion_errors",
    "page",
    "segments_of",
    "shuffled",
    "timeline",
    "wanted",
]
