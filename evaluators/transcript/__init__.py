"""Transcripts: what a recogniser hears in speech, as one frozen `Transcript`.

    heard = registry.load("tool:transcript")(speech)
    heard.text, heard.words, heard.recogniser

Word and character error rates of it: `genstudio.signals.transcripts`.
"""

from __future__ import annotations

from .transcriber import Transcriber, Transcript

__all__ = ["Transcriber", "Transcript"]
