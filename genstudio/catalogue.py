"""Pretrained models that the adapters know how to use: where they are, what they weigh, what may be done with them.

Licences, sizes and memory change: the model's card counts. `checked` says which of them were looked up in 2026, `source` where;
the rest is from memory of the cards and marked so. Nothing of these models is part of genstudio; `genstudio engines fetch NAME`
brings one into the user's own cache.
"""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from genstudio import hub
from genstudio.errors import InputError, suggest

FACTS = ("name", "licence", "size", "memory")


@dataclass(frozen=True)
class Model:
    """kind: 'speech', 'head', 'image', 'evaluator'; spec: as engines are named, 'diffusers:owner/name'.

    commercial: whether the licence allows commercial use, None under conditions; size, memory: GB on disk, and while running in
    half precision; needs: modules; lever: how the emotion reaches it; pickle: its weights are a pickle, to be allowed by name;
    checked: which of `FACTS` were looked up, source: where.
    """

    kind: str
    name: str
    spec: str
    about: str
    licence: str
    commercial: bool | None
    size: float
    memory: float
    needs: tuple[str, ...]
    lever: str
    pickle: bool = False
    checked: tuple[str, ...] = ()
    source: str = ""

    @property
    def unverified(self) -> tuple[str, ...]:
        """Which facts nobody looked up."""
        return tuple(f for f in FACTS if f not in self.checked)

    @property
    def get(self) -> str:
        """The command that fetches it."""
        return f"genstudio engines fetch {self.name}" + (" --allow-pickle" if self.pickle else "")

    @property
    def hub_id(self) -> str:
        """'owner/name'."""
        return self.spec.partition(":")[2].partition("#")[0]

    def state(self) -> str:
        """'cached', 'not fetched', or which module is missing."""
        absent = [m for m in self.needs if find_spec(m) is None]
        if absent:
            return f"needs the package '{absent[0]}'"
        return "cached" if hub.cached(self.hub_id) is not None else "not fetched"

    def chosen(self) -> str:
        """The levers that `genstudio engines fit` measured to be best with the cached weights, in words; '' when it did not."""
        folder = hub.cached(self.hub_id) if self.kind == "speech" else None
        found = measured_levers(hub.fingerprint(folder)) if folder is not None else {}
        said = {"own": "in its own voice", "cloned": "cloning"}
        return "; ".join(f"{x['lever']} {said[k]} (measured)" for k, x in found.items() if k in said and "lever" in x)


def levers_file(key: str) -> Path:
    """Where the measured choice of levers for a voice with this fingerprint is kept."""
    return hub.cache_folder("levers", f"{key[:32]}.json")


def measured_levers(key: str) -> dict[str, dict[str, Any]]:
    """`lever` and what was measured, under 'own' (a voice as itself) and 'cloned'; {} when nothing was."""
    try:
        content = json.loads(levers_file(key).read_text(encoding="utf-8"))
        return {k: dict(v) for k, v in content.items()}
    except (OSError, ValueError, AttributeError, TypeError):
        return {}


_COMMERCIAL = {"yes": True, "no": False, "conditions": None}


@cache
def models() -> tuple[Model, ...]:
    """All of catalogue.csv, in its order."""
    with Path(__file__).with_suffix(".csv").open(newline="", encoding="utf-8") as file:
        return tuple(
            Model(
                r["kind"], r["name"], r["spec"], r["about"], r["licence"], _COMMERCIAL[r["commercial"]], float(r["size_gb"]),
                float(r["memory_gb"]), tuple(r["needs"].split()), r["lever"], r["pickle"] == "yes", tuple(r["checked"].split()),
                r["source"],
            )
            for r in csv.DictReader(file)
        )  # fmt: skip


def find(name: str) -> Model:
    """A model by its short name or its hub id. Raises InputError with the nearest names."""
    for m in models():
        if name in (m.name, m.spec, m.hub_id):
            return m
    names = tuple(m.name for m in models())
    raise InputError(
        f"unknown model '{name}'; valid: {', '.join(names)}, or a hub id 'owner/name'" + suggest(name, names)
    )
