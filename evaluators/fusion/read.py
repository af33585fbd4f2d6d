"""Agreement of a whole file or of something just made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from genstudio import registry
from genstudio.protocols import Reading

from .agreement import Agreement, agreement
from .compound import compounds
from .late import Channel, fuse


def read_agreement(readings: Mapping[str, Reading], text: str = "") -> dict[str, Any]:
    """JSON-ready: `pairs` (agreement of each two modalities), `warnings`, `fused` (the seven, from face and voice) and `compounds`.

    readings: by modality 'face', 'speech', 'text' of the shipped scoring recognisers. text: what is said, read too when given and
    no text reading is. Raises InputError when fewer than two modalities are there.
    """
    have = dict(readings)
    if text.strip() and "text" not in have:
        have["text"] = registry.load("evaluator:text")(text)
    channels: dict[str, Channel] = {
        m: Channel.of(registry.load(f"evaluator:{m}")) for m in ("face", "speech") if m in have
    }
    pairs: list[Agreement] = agreement(have, channels)
    out: dict[str, Any] = {
        "pairs": [p.as_dict() for p in pairs], "warnings": [p.warning for p in pairs if p.warning],
        "compounds": {k: round(v, 4) for k, v in compounds([r.categories for r in have.values()]).items()},
    }  # fmt: skip
    if channels:
        import numpy as np

        from genstudio.emotion import EKMAN

        p = fuse([(c, c.columns(dict(have[m].categories))[None], np.ones(1)) for m, c in channels.items()])[0]
        out["fused"] = {k: round(float(x), 4) for k, x in zip(EKMAN, p, strict=True)}
    return out


__all__ = ["read_agreement"]
