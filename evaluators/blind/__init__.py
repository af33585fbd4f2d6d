"""Blind reading: people, or any reader, name the emotion of shuffled pictures, frames or clips by their looks or sound alone."""

from .deal import deal
from .score import score

__all__ = ["deal", "score"]
