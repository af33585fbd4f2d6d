"""Other people's models made to follow our one `Emotion`, without training them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from genstudio import registry
from genstudio.errors import InputError

__all__ = ["fit_directions"]


def fit_directions(spec: str, data: Path | None = None, force: bool = False, progress: Any = None) -> dict[str, Any]:
    """Fit the directions of a pretrained model, 'diffusers:…', 'ltx2:…', 'transformers:…' …, and say what they are worth.

    data: labelled clips, for voices. Raises InputError for a model whose conditioning has no directions.
    """
    kind = {"diffusers": "image", "wan-animate": "head", "ltx2": "head"}.get(spec.partition(":")[0], "speech")
    engine = registry.load(f"{kind}:{spec}")
    if not hasattr(engine, "fit"):
        raise InputError(f"{engine.name} has no conditioning that directions can be found in; see 'genstudio engines'")
    found: dict[str, Any] = (
        engine.fit(force=force, progress=progress) if data is None else engine.fit(data, force=force, progress=progress)
    )
    return found
