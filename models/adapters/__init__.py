"""Other people's models made to follow our one `Emotion`, without training them."""

from __future__ import annotations

from collections.abc import Mapping
from inspect import signature
from pathlib import Path
from typing import Any

from genstudio import registry
from genstudio.errors import InputError

__all__ = ["fit_directions"]


def fit_directions(
    spec: str, data: Path | None = None, force: bool = False, progress: Any = None, reference: Path | None = None,
    load: Mapping[str, Any] | None = None, sweep: bool | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Fit the directions of a pretrained model, 'diffusers:…', 'ltx2:…', 'transformers:…' …, and say what they are worth.

    data: labelled clips, reference: a clip to clone while levers are tried, both for voices. load: how the engine is loaded. sweep:
    of picture models, whether strengths are tried (None: unless that takes too long); voices always try them. Raises InputError for
    a model whose conditioning has no directions.
    """
    kind = {"diffusers": "image", "wan-animate": "head", "ltx2": "head"}.get(spec.partition(":")[0], "speech")
    key = f"{kind}:{spec}"
    engine = registry.load_with(key, **load) if load else registry.load(key)
    if not hasattr(engine, "fit"):
        raise InputError(f"{engine.name} has no conditioning that directions can be found in; see 'genstudio engines'")
    given: dict[str, Any] = {k: v for k, v in (("data", data), ("reference", reference)) if v is not None}
    unknown = [k for k in given if k not in signature(engine.fit).parameters]
    if unknown:
        raise InputError(f"{engine.name} learns its directions from words; leave {unknown[0]} out")
    if "sweep" in signature(engine.fit).parameters:
        given["sweep"] = sweep
    found: dict[str, Any] = engine.fit(force=force, progress=progress, **given)
    return found
