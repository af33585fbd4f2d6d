"""The protocol: what a set of generated takes shows, and whether a control acted at all."""

from __future__ import annotations

from .acted import Act, did_it_act

__all__ = ["Act", "did_it_act"]
