"""Portraits of nobody: medians of warped portraits from the Face Research Lab London Set (see card.md)."""

from __future__ import annotations

from pathlib import Path


def portraits() -> dict[str, Path]:
    """The six demo portraits by name.

    >>> sorted(portraits())[0]
    'portrait_1'
    """
    return {path.stem: path for path in sorted(Path(__file__).parent.glob("portrait_*.jpg"))}
