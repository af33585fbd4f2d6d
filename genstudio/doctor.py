"""Is everything in place? The checks behind `genstudio doctor`."""

from __future__ import annotations

import shutil
import sys
import tempfile
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

_PACKAGES = ("torch", "numpy", "numba", "av", "soundfile", "diffusers", "transformers", "gruut", "gradio", "typer")


@dataclass(frozen=True)
class Check:
    """One thing looked at. remedy: what to do when it is not ok."""

    name: str
    ok: bool
    found: str
    remedy: str = ""


def check() -> list[Check]:
    """Look at everything; cheap, and nothing is changed."""
    out = [
        Check("python", (3, 11) <= sys.version_info[:2] <= (3, 12), sys.version.split()[0], "use Python 3.11"),
        *(_package(name) for name in _PACKAGES),
        *_weights(),
        _device(),
        _disk(),
    ]
    return out


def _package(name: str) -> Check:
    try:
        return Check(name, True, version(name))
    except PackageNotFoundError:
        return Check(name, False, "not installed", "pip install genstudio")


def _weights() -> list[Check]:
    from genstudio import registry
    from genstudio.sidecar import weights_of

    out = []
    for key, entry in registry.entries().items():
        if not entry.weights:
            continue
        try:
            found = weights_of(key)
            out.append(Check(key, bool(found), f"{len(found)} weight files", "reinstall genstudio"))
        except ModuleNotFoundError as error:
            out.append(Check(key, False, f"module '{error.name}' is missing", "reinstall genstudio"))
    return out


def _device() -> Check:
    import torch

    from genstudio.sidecar import processor

    gpu = torch.cuda.get_device_name(0) if torch.cuda.is_available() else "no GPU (none is needed)"
    return Check("device", True, f"{torch.get_num_threads()} threads, {processor()}, {gpu}")


def _disk() -> Check:
    free = shutil.disk_usage(tempfile.gettempdir()).free / 2**30
    return Check("free disk", free > 1, f"{free:.1f} GiB", "free at least 1 GiB")
