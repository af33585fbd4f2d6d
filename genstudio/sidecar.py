"""The sidecar beside every output: what was asked, what made it, what came out. And replay from it.

`out.wav` has `out.wav.json`. The settings inside are enough to make the identical file again on the same class of machine.
"""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from genstudio.arguments import path_of
from genstudio.errors import InputError, MediaError
from genstudio.media.files import SYNTHETIC, file_sha256, write_text
from genstudio.media.text import read_text
from genstudio.protocols import Reading

FORMAT = 1


def sidecar_path(path: Path | str) -> Path:
    """The output's whole name plus .json."""
    path = Path(path)
    return path.with_name(path.name + ".json")


def environment() -> dict[str, Any]:
    """What bit-identical replay depends on: machine class, thread count, versions."""
    from importlib.metadata import PackageNotFoundError, version

    from genstudio import __version__

    def installed(name: str) -> str:
        try:
            return version(name)
        except PackageNotFoundError:
            return "absent"

    try:
        import torch  # its count is not the processor's: read the same way when made and when replayed

        threads = torch.get_num_threads()
    except ImportError:
        threads = os.cpu_count() or 1
    return {
        "genstudio": __version__,
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()} {processor()}",
        "threads": threads,
        "packages": {name: installed(name) for name in ("torch", "numpy", "numba", "av", "diffusers", "gruut")},
    }


def processor() -> str:
    """The widest vector instructions: results differ between them in the last bits."""
    try:
        flags = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.processor() or "unknown"
    return next((f for f in ("amx_bf16", "avx512_bf16", "avx512f", "avx2") if f in flags), "baseline")


def weights_of(key: str) -> dict[str, str]:
    """SHA-256 of every weight file of a registered engine, by its path inside the package; of one of others, its fingerprint."""
    from importlib import import_module

    from genstudio import registry
    from genstudio.weights import sha256

    out: dict[str, str] = {}
    spec = registry.find(key).options.get("spec")
    if spec is not None:
        from genstudio import hub

        if Path(spec).expanduser().is_file():
            return {str(spec): sha256(Path(spec).expanduser())}
        return {str(spec): hub.fingerprint(hub.resolve(spec, allow_pickle=True))}
    for folder in registry.find(key).weights:
        package = import_module("genstudio." + folder.replace("/", "."))
        root = Path(next(iter(package.__path__)))
        for file in sorted(root.rglob("*.safetensors")):
            out[f"{folder}/{file.relative_to(root).as_posix()}"] = sha256(file)
    return out


def reading_dict(reading: Reading | None) -> dict[str, Any] | None:
    """A Reading as the JSON that `evaluate --json` prints (without the path)."""
    if reading is None:
        return None
    c = reading.ceiling
    distance = reading.distance
    return {
        "modality": reading.modality,
        "emotion": {
            "valence": _round(reading.valence), "arousal": _round(reading.arousal),
            "dominance": _round(reading.dominance),
            "categories": {k: round(float(w), 4) for k, w in reading.categories.items()},
        },
        "target": reading.target.to_dict() if reading.target is not None else None,
        "distance": _round(distance),
        "agreement": _round(reading.agreement),
        "vad_source": reading.vad_source,
        "recogniser": reading.recogniser,
        "ceiling": {
            "metric": c.metric, "value": _round(c.value), "interval": [round(x, 4) for x in c.interval or ()] or None,
            "chance": _round(c.chance), "data": c.data, "classes": list(c.classes),
        },
        "details": dict(reading.details),
    }  # fmt: skip


def _round(x: float | None) -> float | None:
    return None if x is None else round(float(x), 4)


def write_sidecar(path: Path, content: Mapping[str, Any]) -> Path:
    """Write the sidecar of an output that exists. Returns the sidecar's path."""
    target = sidecar_path(path)
    size = sum(p.stat().st_size for p in path.rglob("*")) if path.is_dir() else path.stat().st_size
    made = {"file": path.name, "sha256": file_sha256(path), "bytes": size}
    whole = {"format": FORMAT, "origin": SYNTHETIC, **content, "made": {**content.get("made", {}), **made}}
    write_text(target, json.dumps(whole, indent=1, ensure_ascii=False, default=json_ready) + "\n")
    return target


def json_ready(value: Any) -> Any:
    """For `json.dumps(default=…)`: our values, numpy, paths and mappings as plain JSON."""
    if hasattr(value, "to_dict"):
        return value.to_dict()
    if hasattr(value, "tolist"):  # numpy scalars and arrays
        return value.tolist()
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} does not go into JSON")


def add_to_sidecar(path: Path, name: str, value: Any) -> None:
    """Put something found out later, such as the report card, into the sidecar of an output."""
    target = sidecar_path(path)
    whole = {**read_sidecar(target), name: value}
    write_text(target, json.dumps(whole, indent=1, ensure_ascii=False, default=json_ready) + "\n")


def read_sidecar(path: Path | str) -> dict[str, Any]:
    """Read a sidecar, or the sidecar of an output. Raises InputError."""
    path = path_of(path, "an output or its sidecar")
    if path.suffix != ".json":
        path = sidecar_path(path)
    if not path.is_file():
        raise InputError(f"there is no sidecar '{path}'; give the .json file beside an output")
    try:
        content = json.loads(read_text(path))
    except (json.JSONDecodeError, MediaError) as error:
        raise InputError(f"'{path.name}' is not a sidecar: {error}") from None
    if not isinstance(content, dict) or not isinstance(content.get("request"), dict):
        raise InputError(f"'{path.name}' is not a sidecar of genstudio: it has no 'request'")
    made = content.setdefault("made", {})
    kinds = {"made": dict, "format": int, "kind": str, "engine": str}
    for name in (n for n, kind in kinds.items() if not isinstance(content.get(n, kind()), kind)):
        raise InputError(f"'{path.name}' is damaged: its '{name}' is not what genstudio writes")
    made["file"] = Path(str(made.get("file") or path.stem)).name  # beside it, whatever it says
    if content.get("format", 0) > FORMAT:
        raise InputError(
            f"'{path.name}' was written by a newer genstudio (format {content['format']}); upgrade to read it"
        )
    return content


def differences(recorded: Mapping[str, Any]) -> list[str]:
    """What of the recorded environment differs here: bit-identical replay is only promised when nothing does."""
    here = environment()
    out = [
        f"{name} {recorded.get(name)} → {here[name]}"
        for name in ("genstudio", "machine", "threads")
        if recorded.get(name) != here[name]
    ]
    then = recorded.get("packages", {})
    out += [f"{n} {then.get(n)} → {v}" for n, v in here["packages"].items() if then.get(n) != v]
    return out


def chosen_then(content: Mapping[str, Any]) -> dict[str, Any]:
    """What a pretrained voice or picture model chose by itself when a sidecar's file was made: lever and strength. Measuring it
    anew may have changed that since."""
    made = (content.get("made") or {}).get("info") or {}
    names = {"speak": ("lever", "strength"), "paint": ("strength",)}.get(str(content.get("kind")), ())
    return {k: made[k] for k in names if k in made} if ":" in str(made.get("engine")) else {}
