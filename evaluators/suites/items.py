"""What a suite reads: one item a file, line or row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from genstudio.emotion import Emotion


@dataclass(frozen=True)
class Item:
    """name: path inside the folder, with '#row' inside a table; path: the file. target: what it shows by its label, None when
    unknown; problem: why it has none although one was given. cluster: speaker, actor or identity, for intervals; split: the
    corpus's own. load: gives text or pixels that stand in a table, None when the file itself is read. reference: what is said,
    or a file to compare with."""

    name: str
    path: Path
    modality: str = ""
    target: Emotion | None = None
    label: str = ""
    cluster: str = ""
    split: str = ""
    load: Callable[[], Any] | None = None
    reference: str = ""
    problem: str = ""
