"""Rooms: a prompt that speaks of one is composed as the place before its window.

>>> outside("a bedroom with a window overlooking the sea")
'the sea'
>>> outside("a harbour") is None
True
"""

from __future__ import annotations

import re
from typing import Final

ROOM: Final = re.compile(
    r"\b((?:living|dining|sitting|class|guest|hotel|waiting|empty)[ -]?room|room|bedroom|kitchen|study|attic|parlou?r|nursery"
    r"|interior|indoors|(?:through|from|out of|at|by) (?:the|a|an|my|her|his) (?:\w+ )?window)\b",
    re.IGNORECASE,
)
VIEW: Final = re.compile(
    r"\b(?:views? (?:of|over|onto|to)|overlooking|looking (?:out )?(?:on|onto|over|at|to)|facing|onto|over)\s+(.+)$",
    re.I,
)
DEFAULT: Final = "a garden"


def outside(prompt: str) -> str | None:
    """What the window of the prompted room shows: what the prompt says it looks onto, else a garden. None where no room is
    asked for."""
    if not ROOM.search(prompt):
        return None
    seen = VIEW.search(prompt)
    if seen:
        return seen.group(1).strip(" .,")
    rest = ROOM.sub(" ", prompt)
    before = re.match(r"^\s*(?:the |a |an )?(.+?)\s+(?:seen|viewed)\b", rest, re.I)
    return before.group(0).rsplit(None, 1)[0].strip() if before else DEFAULT
