"""Pretrained models that the adapters know how to use: where they are, what they weigh, what may be done with them.

Each fact says where it is from: computed (the library's own classes at the published size, counted without weights:
`genstudio.models.adapters.figures`), stated or measured somewhere, or an estimate. Licences and files change: the model's own
card counts. Nothing of these models is part of genstudio; `genstudio engines fetch NAME` brings one into the user's own cache.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
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

    commercial: whether the licence allows commercial use, None under conditions; parameters: billions, None where not counted;
    size: GB to fetch; memory: GB while running in the precision it is loaded in by default (pictures and heads bfloat16, voices and
    recognisers float32), overhead in it; offload: the same with offload=true; needs: modules; lever: how the emotion reaches it;
    pickle: its weights are a pickle, to be allowed by name; sources: where each of `FACTS` is from, '' or 'estimate' where unsure.
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
    parameters: float | None = None
    offload: float | None = None
    sources: Mapping[str, str] = field(default_factory=dict)

    @property
    def unverified(self) -> tuple[str, ...]:
        """Which facts nobody looked up or computed."""
        return tuple(f for f in FACTS if self.sources.get(f, "") in ("", "estimate"))

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
        """Lever, strength and effect that `genstudio engines fit` measured with the cached weights, in words, or ''."""
        folder = hub.cached(self.hub_id) if self.kind in ("speech", "image") else None
        found = measured_levers(hub.fingerprint(folder)) if folder is not None else {}
        said = {"own": " in its own voice", "cloned": " cloning", "pictures": ""}
        return "; ".join(_in_words(x, said[k]) for k, x in found.items() if k in said and "lever" in x)


def _in_words(found: Mapping[str, Any], how: str) -> str:
    strength = f" at strength {found['strength']:g}" if isinstance(found.get("strength"), (int, float)) else ""
    rows = found.get("measured")
    ends = [rows.get(k, {}) for k in ("none", found["lever"])] if isinstance(rows, Mapping) else []
    effect = [e.get("agreement") for e in ends if isinstance(e, Mapping)]
    shown = f": agreement {effect[0]} → {effect[1]}" if len(effect) == 2 and None not in effect else ""
    return f"{found['lever']}{strength}{how} (measured{shown})"


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
                float(r["memory_gb"]), tuple(r["needs"].split()), r["lever"], r["pickle"] == "yes", _number(r["parameters"]),
                _number(r["offload_gb"]), {f: r[f"{f}_from"] for f in FACTS},
            )
            for r in csv.DictReader(file)
        )  # fmt: skip


def _number(text: str) -> float | None:
    return float(text) if text else None


def find(name: str) -> Model:
    """A model by its short name or its hub id. Raises InputError with the nearest names."""
    for m in models():
        if name in (m.name, m.spec, m.hub_id):
            return m
    names = tuple(m.name for m in models())
    raise InputError(
        f"unknown model '{name}'; valid: {', '.join(names)}, or a hub id 'owner/name'" + suggest(name, names)
    )
