"""From what a user writes to a folder of weights: a folder, a model in the hub's cache, or a hub id to fetch.

`GENSTUDIO_OFFLINE=1` (or `HF_HUB_OFFLINE=1`) forbids every download. Checks of the folder: `genstudio.model_folder`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from genstudio.errors import InputError, MissingWeightsError
from genstudio.explained import explained, place_of, quiet, what_fits
from genstudio.model_folder import PICKLES, SAFE, check, fingerprint, verify, weight_bytes, weight_counts, weight_files

__all__ = [
    "cache_folder", "cached", "check", "explained", "fingerprint", "is_folder", "offline", "options", "place_of", "quiet",
    "resolve", "verify", "weight_bytes", "weight_counts", "weight_files", "what_fits",
]  # fmt: skip

_ID = re.compile(r"[A-Za-z0-9][\w.-]*(/[A-Za-z0-9][\w.-]*)?(@[\w./-]+)?")
_OFF = ("", "0", "false", "no", "off")
_OTHER_FORMATS = (
    ".onnx",
    ".onnx_data",
    ".msgpack",
    ".h5",
    ".ot",
    ".tflite",
    ".gguf",
    ".mlmodel",
    ".xml",
    ".pb",
    ".npz",
)
_VARIANT = re.compile(r"\.(fp16|bf16|fp32|ema_only|non_ema)(?=[.-])")
_MEDIA = (".png", ".jpg", ".jpeg", ".webp", ".gif", ".mp4", ".wav", ".mp3", ".flac", ".md", ".gitattributes")
_SECONDS = 10.0  # waited for the hub's first answer


def offline() -> bool:
    """Whether downloads are forbidden by GENSTUDIO_OFFLINE or HF_HUB_OFFLINE."""
    return any(os.environ.get(k, "").strip().lower() not in _OFF for k in ("GENSTUDIO_OFFLINE", "HF_HUB_OFFLINE"))


def cache_folder(*parts: str) -> Path:
    """The user's cache of genstudio (what was measured or fitted on pretrained models); `GENSTUDIO_CACHE` moves it."""
    root = os.environ.get("GENSTUDIO_CACHE")
    if not root:
        import platformdirs

        root = platformdirs.user_cache_dir("genstudio")
    return Path(root, *parts)


def is_folder(spec: str) -> bool:
    """Whether a spec is written as a path and not as a hub id."""
    return (
        Path(spec).expanduser().exists()
        or spec.startswith((".", "~", "/", "\\"))
        or "\\" in spec
        or spec.count("/") > 1
    )


def cached(spec: str) -> Path | None:
    """The newest snapshot of a hub id in the user's cache, whole or not; None when there is none. Never uses a network."""
    from huggingface_hub import constants

    name, _, revision = spec.partition("@")
    folder = Path(constants.HF_HUB_CACHE) / ("models--" + name.replace("/", "--"))
    if not (folder / "snapshots").is_dir():
        return None
    ref = folder / "refs" / (revision or "main")
    commit = ref.read_text(encoding="utf-8").strip() if ref.is_file() else revision
    if commit and (folder / "snapshots" / commit).is_dir():
        return folder / "snapshots" / commit
    found = [] if revision else [f for f in (folder / "snapshots").iterdir() if f.is_dir()]
    return max(found, key=lambda f: f.stat().st_mtime) if found else None


def resolve(spec: str | Path, allow_pickle: bool = False, *, sha256: str = "") -> Path:
    """The local folder of a model, checked for completeness and for pickles.

    spec: a folder, or a hub id 'owner/name' (also 'owner/name@revision'), taken from the user's cache, else fetched unless
    `offline()`. sha256: refuse other weights than those of this `fingerprint`.
    Raises InputError or MissingWeightsError, each one line that says what to do.
    """
    text = str(spec).strip()
    if not text:
        raise InputError("an empty model name; give a folder, or a hub id 'owner/name'")
    if isinstance(spec, Path) or is_folder(text):
        path = Path(text).expanduser()
        if path.is_file():
            raise InputError(f"'{text}' is a file; give the folder that save_pretrained wrote")
        if not path.exists():
            raise InputError(f"there is no folder '{text}'; give an existing folder, or a hub id 'owner/name'")
        found = check(path, allow_pickle, text)
    else:
        found = _from_hub(text, allow_pickle)
    if sha256 and fingerprint(found) != sha256:
        raise MissingWeightsError(
            f"'{text}' holds other weights than expected (SHA-256 {fingerprint(found)[:12]}…, not {sha256[:12]}…); "
            "give the revision that was named, or fetch it again"
        )
    return found


def _from_hub(name: str, allow_pickle: bool) -> Path:
    if not _ID.fullmatch(name):
        raise InputError(f"'{name}' is neither a folder nor a hub id 'owner/name' or 'owner/name@revision'")
    here = cached(name)
    if here is not None:
        try:
            return check(here, allow_pickle, name)
        except MissingWeightsError:
            if offline():
                raise
        except InputError:
            if offline() or not allow_pickle:
                raise
    elif offline():
        raise MissingWeightsError(
            f"'{name}' is not in the cache and downloads are off (GENSTUDIO_OFFLINE or HF_HUB_OFFLINE); "
            f"fetch it where there is a network: hf download {name.partition('@')[0]}"
        )
    return _fetch(name, allow_pickle)


def _fetch(name: str, allow_pickle: bool) -> Path:
    """Download what is needed of a repository into the hub's cache; a second call goes on where the first broke off."""
    import httpx2
    from huggingface_hub import HfApi, snapshot_download
    from huggingface_hub.errors import GatedRepoError, HfHubHTTPError, RepositoryNotFoundError, RevisionNotFoundError

    repo, _, revision = name.partition("@")
    try:
        info = HfApi().model_info(repo, revision=revision or None, timeout=_SECONDS)
        files = wanted_files([s.rfilename for s in info.siblings or ()], name, allow_pickle)
        folder = snapshot_download(repo, revision=info.sha, allow_patterns=files, etag_timeout=_SECONDS)
    except GatedRepoError:
        raise MissingWeightsError(
            f"'{name}' is gated: accept its terms on its page, log in with 'hf auth login', and run this again"
        ) from None
    except RevisionNotFoundError:
        raise InputError(f"the hub's '{repo}' has no revision '{revision}'") from None
    except RepositoryNotFoundError:
        raise InputError(f"the hub has no model '{repo}' (or it is private: 'hf auth login')") from None
    except (httpx2.HTTPError, HfHubHTTPError, OSError) as error:
        if "space" in str(error).lower() and getattr(error, "errno", None) == 28:
            raise MissingWeightsError(f"'{name}' does not fit on the disk; free some space and run it again") from None
        raise MissingWeightsError(
            f"'{name}' is not in the cache and the hub cannot be reached ({type(error).__name__}); "
            "connect and run it again, or give a folder"
        ) from None
    checked = check(folder, allow_pickle, name)
    verify(checked, name)
    return checked


def wanted_files(files: Sequence[str], name: str = "model", allow_pickle: bool = False) -> list[str]:
    """Which of a repository's files to fetch: one format and one precision of the weights, configurations and vocabularies.

    >>> wanted_files(["config.json", "model.safetensors", "model.fp16.safetensors", "pytorch_model.bin", "model.onnx"])
    ['config.json', 'model.safetensors']
    """
    folders_with_safe = {str(Path(f).parent) for f in files if f.endswith(SAFE)}
    pipeline = "model_index.json" in files
    pickles = [f for f in files if f.endswith(PICKLES)]
    if pickles and not folders_with_safe and not allow_pickle:
        raise InputError(
            f"'{name}' holds its weights as pickles only ('{pickles[0]}'), which can run code when they are loaded; "
            "choose one with .safetensors files, or --allow-pickle if you trust its maker"
        )
    out = []
    for f in files:
        path = Path(f)
        weights = f.endswith((SAFE, *PICKLES))
        if f.endswith((*_OTHER_FORMATS, *_MEDIA)) or f.startswith(("openvino", "onnx/", "flax", "runs/")):
            continue
        if _VARIANT.search(path.name) and str(path.with_name(_VARIANT.sub("", path.name))) in files:
            continue
        if weights and pipeline and path.parent == Path("."):
            continue
        if f.endswith(PICKLES) and (not allow_pickle or str(path.parent) in folders_with_safe):
            continue
        out.append(f)
    return out


def options(**given: Any) -> dict[str, Any]:
    """What every `from_pretrained` here is called with: local files only, safetensors unless pickles are allowed."""
    allow_pickle = given.pop("allow_pickle", False)
    return {"local_files_only": True, "use_safetensors": None if allow_pickle else True} | given
