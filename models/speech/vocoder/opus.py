"""Opus and FLAC by libsndfile alone, through ctypes: training machines may have the library's wheel but no soundfile."""

from __future__ import annotations

import ctypes
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from genstudio.errors import MediaError, MissingExtraError

if TYPE_CHECKING:
    from numpy.typing import NDArray


class _Info(ctypes.Structure):
    _fields_ = [
        ("frames", ctypes.c_int64), ("samplerate", ctypes.c_int), ("channels", ctypes.c_int),
        ("format", ctypes.c_int), ("sections", ctypes.c_int), ("seekable", ctypes.c_int),
    ]  # fmt: skip


def find_library(wheels: Path | None = None) -> Any:
    """libsndfile from the installed soundfile, from a soundfile wheel in `wheels`, or from the system."""
    names = []
    try:
        import _soundfile_data  # type: ignore[import-not-found]

        names += [str(p) for p in Path(_soundfile_data.__path__[0]).glob("libsndfile*.so")]
    except ImportError:
        pass
    for wheel in sorted(wheels.glob("soundfile*.whl")) if wheels else []:
        with zipfile.ZipFile(wheel) as archive:
            for member in archive.namelist():
                if "libsndfile" in member and member.endswith(".so"):
                    names.append(archive.extract(member, tempfile.mkdtemp()))
    for name in [*names, "libsndfile.so.1"]:
        try:
            library = ctypes.CDLL(name)
        except OSError:
            continue
        library.sf_open.restype = ctypes.c_void_p
        library.sf_open.argtypes = [ctypes.c_char_p, ctypes.c_int, ctypes.POINTER(_Info)]
        library.sf_readf_float.restype = ctypes.c_int64
        library.sf_readf_float.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64]
        library.sf_close.argtypes = [ctypes.c_void_p]
        return library
    raise MissingExtraError("soundfile", "speech", "Reading packed opus audio")


def decode(library: Any, data: bytes, scratch: Path) -> tuple[NDArray[np.float32], int]:
    """(float32 mono [N], rate) of an encoded file's bytes; `scratch` is a file that may be overwritten."""
    scratch.write_bytes(data)
    info = _Info()
    handle = library.sf_open(str(scratch).encode(), 0x10, ctypes.byref(info))
    if not handle:
        raise MediaError(f"{len(data)} packed bytes are no audio that libsndfile reads")
    try:
        out = np.zeros((max(int(info.frames), 1) + 4800, info.channels), dtype=np.float32)
        count = library.sf_readf_float(handle, out.ctypes.data, len(out))
    finally:
        library.sf_close(handle)
    return out[:count].mean(axis=1), int(info.samplerate)
