"""pyworld, quietly: its import warns of setuptools' pkg_resources, which users can do nothing about."""

from __future__ import annotations

import warnings
from typing import Any

from genstudio.errors import MissingExtraError


def world(what: str) -> Any:
    """The module pyworld (WORLD: Morise, Yokomori & Ozawa 2016). what: what it is needed for, in the error's words.

    Raises MissingExtraError when it is not installed.
    """
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="pkg_resources")
            import pyworld
    except ImportError:
        raise MissingExtraError("pyworld", "speech", what) from None
    return pyworld
