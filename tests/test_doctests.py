"""Docstring examples run, in all four folders under their one package name."""

from __future__ import annotations

import doctest
import pkgutil
from importlib import import_module

import pytest

import genstudio
import genstudio.apps
import genstudio.evaluators
import genstudio.models

_LAZY = (".train", ".prepare", ".pack", ".build", ".evaluate", ".sheet", ".warm", "__main__")


def _modules() -> list[str]:
    out = []
    for package in (genstudio, genstudio.models, genstudio.evaluators, genstudio.apps):
        for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
            source = module.module_finder.find_spec(module.name, None)  # type: ignore[union-attr, call-arg]
            if source is None or source.origin is None or module.name.endswith(_LAZY):
                continue
            with open(source.origin, encoding="utf-8") as f:
                if ">>> " in f.read():
                    out.append(module.name)
    return out


@pytest.mark.parametrize("name", _modules())
def test_examples(name: str):
    assert doctest.testmod(import_module(name)).failed == 0
