"""What libraries raise while other people's models load or run, in genstudio's own lines; what memory they need; devices."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from pickle import PickleError

from genstudio.errors import GenstudioError, InputError, MissingError
from genstudio.model_folder import weight_counts

ROOM = 1.25  # of the weights' own bytes: a quarter to work in


@contextlib.contextmanager
def explained(name: str, folder: Path | None = None, device: str = "cpu") -> Iterator[None]:
    """Turn what libraries raise while a pretrained model loads or runs into one line: out of memory, an unknown
    architecture, weights that do not fit their configuration. genstudio's own errors pass through."""
    quiet()
    try:
        yield
    except GenstudioError:
        raise
    except ImportError as error:
        raise MissingError(f"'{name}' needs a package that is not installed: {_first_line(error)}") from None
    except (
        OSError,
        ValueError,
        LookupError,
        RuntimeError,
        TypeError,
        AttributeError,
        MemoryError,
        PickleError,
    ) as error:
        if _out_of_memory(error):
            raise MissingError(_memory_line(name, folder, device)) from None
        raise InputError(_in_our_words(name, error)) from error


def place_of(device: str) -> str:
    """A device that is there: 'auto' is the GPU where there is one. Raises InputError for one that torch does not have."""
    import torch

    if device == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    try:
        kind = torch.device(device)
    except (RuntimeError, TypeError):
        raise InputError(f"there is no device '{device}'; valid: auto, cpu, cuda, cuda:1 …, mps") from None
    here = kind.index is None or kind.index < torch.cuda.device_count()
    if kind.type == "cuda" and not (torch.cuda.is_available() and here):
        raise InputError(
            f"the device '{device}' is not there (torch sees {torch.cuda.device_count()} GPUs); use device=cpu"
        )
    if kind.type == "mps" and not torch.backends.mps.is_available():
        raise InputError("the device 'mps' is not there; use device=cpu")
    return device


_SAYINGS = (
    (r"has no attribute (\w+Pipeline)\b",
     "is a {0}, which the installed diffusers does not know: pip install -U diffusers"),
    (r"no file named model_index\.json", "is no pipeline of diffusers: it has no model_index.json"),
    (r"Unrecognized model in|model type `?([\w-]+)`? but Transformers does not recognize",
     "is of no kind that the installed transformers knows: another kind of model, or newer than it"),
    (r"ignore_mismatched_sizes|expected shape torch|size mismatch for",
     "has weights of other sizes than its configuration says; fetch it again, all of one revision"),
    (r"(?i)unsupported (global|class)",
     "holds a pickle with more in it than weights, which could run code and is never loaded; get it anew, best as .safetensors"),
    (r"(?i)weights only load failed|PytorchStreamReader|invalid load key",
     "holds a checkpoint that is damaged, or none at all; fetch it again"),
)  # fmt: skip


def _in_our_words(name: str, error: BaseException) -> str:
    """What a library raised, as a line that says what to do where that is known."""
    for pattern, line in _SAYINGS:
        found = re.search(pattern, str(error))
        if found:
            return f"'{name}' {line.format(*(g or '' for g in found.groups()))}"
    return f"'{name}' cannot be used: {_first_line(error)}"


def _out_of_memory(error: BaseException) -> bool:
    text = str(error).lower()
    return isinstance(error, MemoryError) or "out of memory" in text or "can't allocate memory" in text


def _memory_line(name: str, folder: Path | None, device: str) -> str:
    line = f"'{name}' does not fit into the memory of '{device}'{_held(device)}"
    advice = what_fits(weight_counts(folder), _room(device), device != "cpu") if folder is not None else ""
    other = "a smaller model, text or batch" if device == "cpu" else "a smaller size or batch, or device=cpu"
    return f"{line}{advice}; try {other}"


def what_fits(counts: Mapping[str, int], room: float, offload: bool = True) -> str:
    """What weights take in which precision, and the first way in which they fit into `room` bytes with a quarter to work in.

    counts: numbers in the weights of each part; offload: whether parts can wait elsewhere.

    >>> what_fits({"unet": 3_000_000_000}, 12e9)
    '; its weights take 12.0 GB in float32, 6.0 GB in bfloat16: here dtype=bfloat16 fits'
    """
    half = 2.0 * sum(counts.values())
    largest = 2.0 * max(counts.values(), default=0)
    line = f"; its weights take {2 * half / 1e9:.1f} GB in float32, {half / 1e9:.1f} GB in bfloat16"
    ways = [("dtype=bfloat16", half)]
    if offload and len(counts) > 1:
        line += f", {largest / 1e9:.1f} GB of those at a time with offload=true"
        ways.append(("dtype=bfloat16 with offload=true", largest))
    fits = next((way for way, size in ways if ROOM * size <= room), None)
    return line + (f": here {fits} fits" if fits else f": nothing of this fits into {room / 1e9:.1f} GB")


def _room(device: str) -> float:
    """Bytes of memory of a device, used or not."""
    import torch

    if device.startswith("cuda") and torch.cuda.is_available():
        return float(torch.cuda.mem_get_info(device)[1])
    return float(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")) if hasattr(os, "sysconf") else 0.0


def _held(device: str) -> str:
    """' (7.9 of 24.0 GB free)' of a GPU, else ''."""
    import torch

    if not device.startswith("cuda") or not torch.cuda.is_available():
        return ""
    free, total = torch.cuda.mem_get_info(device)
    return f" ({free / 1e9:.1f} of {total / 1e9:.1f} GB free)"


def _first_line(error: BaseException) -> str:
    lines = [x.strip() for x in str(error).splitlines() if x.strip()]
    return (lines[0] if lines else type(error).__name__)[:300]


def quiet() -> None:
    """No progress bars and notes of transformers and diffusers on stderr; errors still come."""
    import importlib
    import sys

    for library in ("transformers", "diffusers"):
        if library in sys.modules:
            logging = importlib.import_module(f"{library}.utils.logging")
            logging.disable_progress_bar()
            logging.set_verbosity_error()
