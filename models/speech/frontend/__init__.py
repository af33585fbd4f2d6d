"""Text front end of the embedded voice: normalisation, phonemes, sentences."""

from __future__ import annotations

from .text import Sentence, Word, read, speakable, split_sentences

__all__ = ["Sentence", "Word", "read", "speakable", "split_sentences"]
