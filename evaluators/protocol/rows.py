"""Rows kept on disk as they are made, so that a stopped protocol goes on where it was."""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import Any

from genstudio.errors import InputError


class Rows:
    """A JSON-lines file of measured takes, by key; in memory alone without a path."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.known: dict[str, dict[str, Any]] = {}
        if path is not None and path.is_file():
            for line in path.read_text(encoding="utf-8").splitlines():
                try:
                    row = json.loads(line)
                except json.JSONDecodeError:  # the line a stop cut off
                    continue
                self.known[row["key"]] = row

    def get(self, key: tuple[Hashable, ...], make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """The row of a key, made and kept when it is new."""
        name = "|".join(map(str, key))
        if name not in self.known:
            row = {"key": name, **make()}
            self.known[name] = row
            if self.path is not None:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                with self.path.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(row) + "\n")
        return self.known[name]

    def check(self, design: dict[str, Any]) -> None:
        """Raise InputError when the file holds takes of another design."""
        mark = json.dumps(design, sort_keys=True)
        held = self.get(("design",), lambda: {"design": mark})["design"]
        if held != mark:
            raise InputError(f"'{self.path}' holds takes of another plan; give another folder, or the same options")
