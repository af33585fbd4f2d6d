"""Lay out build/tree/genstudio as one package of links, for tools that read folders instead of package metadata.

The folders models/, evaluators/ and apps/ are imported as genstudio.models and so on (setup.py maps them). mypy, and
training on a machine where nothing can be installed, get the same view with PYTHONPATH=build/tree.
"""

from __future__ import annotations

import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def link() -> Path:
    """Make the tree anew and return it."""
    tree = ROOT / "build" / "tree"
    shutil.rmtree(tree, ignore_errors=True)
    package = tree / "genstudio"
    package.mkdir(parents=True)
    for item in (ROOT / "genstudio").iterdir():
        (package / item.name).symlink_to(item)
    for name in ("models", "evaluators", "apps"):
        (package / name).symlink_to(ROOT / name)
    return tree


if __name__ == "__main__":
    print(link())
