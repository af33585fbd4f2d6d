"""A folder of somebody's model weights: is it whole, is it safe to load, which weights are these?

Knows the layouts that `save_pretrained` of transformers and diffusers write (config.json, model_index.json, shards with an index)
and coqui's (config.json beside a checkpoint). Weights are read as safetensors; a pickle can run code while it loads, so it is
refused unless the caller says that it is trusted.
"""

from __future__ import annotations

import hashlib
import json
import re
from math import prod
from pathlib import Path
from typing import Any

from genstudio.errors import InputError, MissingWeightsError

CONFIGS = ("config.json", "model_index.json", "adapter_config.json")
SAFE = ".safetensors"
PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle")
_WHOLE = (*CONFIGS, "generation_config.json", "preprocessor_config.json", "tokenizer_config.json")  # read as JSON
_NOT_WEIGHTS = re.compile(r"^(training_args|optimizer|scheduler|scaler|rng_state|trainer_state).*")
_UNFINISHED = (".incomplete", ".part", ".crdownload", ".tmp", ".download")
_LFS = b"version https://git-lfs"
_NO_WEIGHTS = re.compile(r"Tokenizer|Processor|FeatureExtractor|Scheduler|Guider")


def check(folder: Path | str, allow_pickle: bool = False, name: str = "") -> Path:
    """The folder, when it holds a whole model that may be loaded; `name` is how messages call it.

    Raises InputError (no folder, not a model, only pickles without `allow_pickle`) and MissingWeightsError (half downloaded).
    """
    folder, name = Path(folder), name or str(folder)
    if not folder.is_dir():
        raise InputError(
            f"'{name}' is not a folder; give the folder that save_pretrained wrote, or a hub id 'owner/name'"
        )
    if not any((folder / c).is_file() for c in CONFIGS):
        raise InputError(f"'{name}' is not a model folder: it has none of {', '.join(CONFIGS)}")
    for path in _files(folder):
        if path.name.endswith(_UNFINISHED):
            raise _half(name, f"'{_inside(path, folder)}' is an unfinished download")
    index = folder / "model_index.json"
    parts = _components(index, folder, name) if index.is_file() else [folder]
    for part in parts:
        _check_weights(part, folder, allow_pickle, name)
    for path in (p / c for p in dict.fromkeys([folder, *parts]) for c in _WHOLE):
        if path.is_file():
            _json(path, name)
    return folder


def weight_files(folder: Path | str, allow_pickle: bool = False) -> list[Path]:
    """The weights of a folder in order of name: its safetensors, and where a subfolder has none, its pickles if allowed."""
    by_folder: dict[Path, list[Path]] = {}
    for path in _files(Path(folder)):
        if path.suffix == SAFE or _is_pickle(path):
            by_folder.setdefault(path.parent, []).append(path)
    out: list[Path] = []
    for files in by_folder.values():
        safe = [f for f in files if f.suffix == SAFE]
        out += safe or (files if allow_pickle else [])
    return sorted(out)


def weight_bytes(folder: Path | str) -> int:
    """Bytes of the weights: about what loading takes in the stored precision."""
    return sum(f.stat().st_size for f in weight_files(folder, allow_pickle=True))


def weight_counts(folder: Path | str) -> dict[str, int]:
    """How many numbers the weights of each part hold, by subfolder ('' for the folder itself); pickles count as float32."""
    folder = Path(folder)
    out: dict[str, int] = {}
    for path in weight_files(folder, allow_pickle=True):
        part = _inside(path.parent, folder) if path.parent != folder else ""
        out[part] = out.get(part, 0) + _count(path)
    return out


def _count(path: Path) -> int:
    if path.suffix != SAFE:
        return path.stat().st_size // 4
    with path.open("rb") as f:
        header = json.loads(f.read(int.from_bytes(f.read(8), "little")))
    return sum(prod(t["shape"]) for k, t in header.items() if k != "__metadata__")


def fingerprint(folder: Path | str) -> str:
    """Hex SHA-256 over names and hashes of all weights and of config.json: one value a model, for caches and sidecars."""
    folder = Path(folder)
    digest = hashlib.sha256()
    for path in [*(folder / c for c in CONFIGS if (folder / c).is_file()), *weight_files(folder, allow_pickle=True)]:
        digest.update(f"{_inside(path, folder)}:{_hash(path)}\n".encode())
    return digest.hexdigest()


def verify(folder: Path | str, name: str = "") -> int:
    """Check every file of a hub snapshot whose SHA-256 its cache states; returns how many. Raises MissingWeightsError."""
    from genstudio.media.files import file_sha256

    folder, checked = Path(folder), 0
    for path in _files(folder):
        stated = _stated_hash(path)
        if stated is None:
            continue
        if file_sha256(path) != stated:
            raise MissingWeightsError(
                f"'{name or folder}': '{_inside(path, folder)}' is damaged (its SHA-256 is not the stated one); "
                f"delete {path.resolve()} and fetch the model again"
            )
        checked += 1
    return checked


def _hash(path: Path) -> str:
    from genstudio.weights import sha256

    return _stated_hash(path) or sha256(path.resolve())


def _stated_hash(path: Path) -> str | None:
    """The hub's cache names large files by their SHA-256 and links to them; None for files that are not such links."""
    real = path.resolve()
    linked = path.is_symlink() and real.parent.name == "blobs" and re.fullmatch(r"[0-9a-f]{64}", real.name)
    return real.name if linked else None


def _files(folder: Path) -> list[Path]:
    return sorted(p for p in folder.rglob("*") if p.is_file() or (p.is_symlink() and not p.exists()))


def _inside(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix()


def _is_pickle(path: Path) -> bool:
    return path.suffix in PICKLES and not _NOT_WEIGHTS.match(path.name)


def _half(name: str, why: str) -> MissingWeightsError:
    return MissingWeightsError(f"'{name}' is only half downloaded: {why}; fetch it again")


def _json(path: Path, name: str) -> dict[str, Any]:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise _half(name, f"'{path.name}' cannot be read as JSON") from None
    if not isinstance(value, dict):
        raise _half(name, f"'{path.name}' is not a JSON object")
    return value


def _components(index: Path, folder: Path, name: str) -> list[Path]:
    """The subfolders of a diffusers pipeline that must hold weights."""
    out = []
    for part, kind in _json(index, name).items():
        if part.startswith("_") or not isinstance(kind, list) or len(kind) != 2 or not all(kind):
            continue
        sub = folder / part
        if not sub.is_dir() or not any(sub.iterdir()):
            raise _half(name, f"the part '{part}' is missing")
        if not _NO_WEIGHTS.search(str(kind[1])) and (sub / "config.json").is_file():
            out.append(sub)
    return out


def _check_weights(part: Path, folder: Path, allow_pickle: bool, name: str) -> None:
    here = _inside(part, folder) if part != folder else "the folder"
    files = sorted(p for p in part.iterdir() if p.is_file() or p.is_symlink())
    for index in (f for f in files if f.name.endswith(".index.json")):
        if not allow_pickle and SAFE not in index.name:
            continue
        for shard in sorted(set(map(str, _json(index, name).get("weight_map", {}).values()))):
            if not (part / shard).is_file():
                raise _half(name, f"the shard '{shard}' of {here} is missing")
    safe = [f for f in files if f.suffix == SAFE]
    pickles = [f for f in files if _is_pickle(f)]
    if not safe and pickles and not allow_pickle:
        raise InputError(
            f"'{name}' holds its weights as a pickle ('{pickles[0].name}'), which can run code when it is loaded; "
            "give one with .safetensors files, or --allow-pickle if you trust its maker"
        )
    if not safe and not pickles:
        raise _half(name, f"{here} has no weights (*{SAFE})")
    for path in safe or pickles:
        _check_file(path, folder, name)


def _check_file(path: Path, folder: Path, name: str) -> None:
    """Nothing there, a Git LFS pointer, or shorter than a safetensors header says."""
    if not path.exists():
        raise _half(name, f"'{_inside(path, folder)}' points to a file that is not there")
    size = path.stat().st_size
    with path.open("rb") as f:
        head = f.read(len(_LFS))
        if not head:
            raise _half(name, f"'{_inside(path, folder)}' is empty")
        if head == _LFS:
            raise _half(name, f"'{_inside(path, folder)}' is a Git LFS pointer, not the weights")
        if path.suffix != SAFE:
            return
        f.seek(0)
        length = int.from_bytes(f.read(8), "little")
        if length > size - 8:
            raise _half(name, f"'{_inside(path, folder)}' ends within its header")
        try:
            header = json.loads(f.read(length))
            needed = (
                8 + length + max((t["data_offsets"][1] for k, t in header.items() if k != "__metadata__"), default=0)
            )
        except (ValueError, KeyError, TypeError, AttributeError):
            raise _half(name, f"'{_inside(path, folder)}' is not a safetensors file") from None
    if size < needed:
        raise _half(name, f"'{_inside(path, folder)}' has {size} of {needed} bytes")
