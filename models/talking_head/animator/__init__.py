"""The portrait animator: a photograph moved by ARKit coefficients, head pose and gaze, without a network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .animator import Animator

__all__ = ["Animator"]


def __getattr__(name: str) -> Any:
    if name == "Animator":
        from .animator import Animator

        return Animator
    raise AttributeError(name)
