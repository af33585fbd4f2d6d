"""From a folder (config.json beside a checkpoint) to a model of coqui-tts, through the library's own loading code."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from genstudio import hub
from genstudio.errors import InputError, MissingExtraError, suggest
from genstudio.model_folder import PICKLES, SAFE

KINDS = ("vits", "xtts")  # YourTTS calls itself vits
_ENCODER = ("speaker_encoder", "model_se", "config_se")
_READ = "load_fsspec"  # coqui's reader of checkpoints
_READERS = ("TTS.tts.models.vits", "TTS.tts.models.xtts", "TTS.encoder.models.base_encoder")
_FILES = (
    "speakers_file",
    "d_vector_file",
    "language_ids_file",
    "speaker_encoder_config_path",
    "speaker_encoder_model_path",
)


def load_model(spec: str, folder: Path, place: str, allow_pickle: bool) -> Any:
    """A model in evaluation mode on `place`. Raises InputError for unknown kinds, MissingExtraError without coqui-tts."""
    _library()
    kind = _kind(folder, spec)
    weights = _checkpoint(folder, spec, allow_pickle)
    with hub.explained(spec, folder, place), _safetensors():
        from TTS.config import load_config
        from TTS.tts.models import setup_model

        config = load_config(folder / "config.json")
        _found_here(config, folder)
        model = setup_model(config)
        if kind == "xtts":
            model.load_checkpoint(
                config, checkpoint_dir=folder, checkpoint_path=weights, eval=True,
                speaker_file_path=folder / "speakers_xtts.pth" if allow_pickle else folder / "none",
            )  # fmt: skip
        else:
            model.load_checkpoint(config, weights, eval=True)
            _speaker_encoder(model, folder, allow_pickle)
        return model.to(place)


def _library() -> None:
    try:
        import_module("TTS.tts.models.vits")
        import_module("TTS.tts.models.xtts")
    except ImportError as error:
        first = str(error).splitlines()[0]
        why = f"a coqui: voice ({first}; torchaudio beside a torch without CUDA: see docs/voices.md)"
        raise MissingExtraError("coqui-tts", "coqui", why) from None


def _kind(folder: Path, spec: str) -> str:
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        found = str(config["model"]).lower()
    except (OSError, ValueError, KeyError, TypeError):
        raise InputError(f"'{spec}' holds no configuration of coqui-tts (config.json with a 'model')") from None
    if found not in KINDS:
        raise InputError(
            f"'{spec}' is coqui's '{found}', which is not known; valid: {', '.join(KINDS)}" + suggest(found, KINDS)
        )
    return found


def _checkpoint(folder: Path, spec: str, allow_pickle: bool) -> Path:
    """model.safetensors, model_file.pth, best_model.pth …: the largest file of weights that is not the speaker encoder's."""
    files = [f for f in hub.weight_files(folder, allow_pickle) if not f.name.startswith((*_ENCODER, "speakers"))]
    files = [f for f in files if f.parent == folder and f.name not in ("dvae.pth", "mel_stats.pth")]
    if not files:
        raise InputError(f"'{spec}' holds no checkpoint (model{SAFE}, or model.pth with --allow-pickle)")
    return max(files, key=lambda f: f.stat().st_size)


@contextlib.contextmanager
def _safetensors() -> Iterator[None]:
    """While it lasts, coqui's reader of checkpoints reads safetensors too; any other file goes to the reader it had."""
    modules = [sys.modules[m] for m in _READERS if hasattr(sys.modules.get(m), _READ)]
    before = [getattr(m, _READ) for m in modules]

    def reader(old: Any) -> Any:
        def read(path: Any, *args: Any, **named: Any) -> Any:
            if not str(path).endswith(SAFE):
                return old(path, *args, **named)
            from safetensors.torch import load_file

            return {"model": load_file(str(path))}

        return read

    try:
        for module, old in zip(modules, before, strict=True):
            setattr(module, _READ, reader(old))
        yield
    finally:
        for module, old in zip(modules, before, strict=True):
            setattr(module, _READ, old)


def _found_here(config: Any, folder: Path) -> None:
    """Files that a configuration names by a path of the machine it was trained on are taken from the folder, by their names."""
    for part in (config, config.model_args):
        for name in _FILES:
            given = getattr(part, name, None)
            if given:
                setattr(
                    part, name, [_here(p, folder) for p in given] if isinstance(given, list) else _here(given, folder)
                )


def _here(path: Any, folder: Path) -> str:
    name = Path(str(path).replace("\\", "/")).name
    return str(path) if Path(str(path)).is_file() or not (folder / name).is_file() else str(folder / name)


def _speaker_encoder(model: Any, folder: Path, allow_pickle: bool) -> None:
    """The encoder that makes d-vectors of clips (YourTTS), where the folder has one."""
    manager = model.speaker_manager
    if manager is None or manager.encoder is not None or not getattr(model.args, "use_d_vector_file", False):
        return
    settings = [f for f in folder.glob("*.json") if f.name.startswith(("config_se", "speaker_encoder"))]
    weights = [
        f for f in folder.iterdir()
        if f.name.startswith(("model_se", "speaker_encoder")) and f.suffix in (SAFE, *(PICKLES if allow_pickle else ()))
    ]  # fmt: skip
    if settings and weights:
        manager.init_encoder(str(weights[0]), str(settings[0]))
