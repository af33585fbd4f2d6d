"""Writing without accidents: temporary name, then rename; never over an existing file unless told so."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from genstudio.errors import OutputError

SYNTHETIC = "synthetic media made with genstudio (AI-generated)"
"""The mark of synthetic origin that every file made carries."""


@contextlib.contextmanager
def writing(path: Path | str) -> Iterator[Path]:
    """A temporary path beside `path` (same suffix) that becomes `path` when the block ends well, and vanishes when not.

    A symbolic link stays: what it points to is written. Raises OutputError when the folder cannot be written or the disk is full.
    """
    path = pointed(Path(path))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        stem = path.stem[:40].encode("ascii", "ignore").decode()  # what encoders take
        handle, name = tempfile.mkstemp(prefix=f".{stem}.", suffix=f".part{path.suffix}", dir=path.parent)
        os.close(handle)
        os.chmod(name, 0o666 & ~_umask())
    except OSError as error:
        raise explained(path, error) from None
    temporary = Path(name)
    try:
        yield temporary
        os.replace(temporary, path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise explained(path, error) from None
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


@contextlib.contextmanager
def filling(folder: Path | str) -> Iterator[Path]:
    """A temporary folder whose files move into `folder` (made when missing) when the block ends well; else nothing is left.

    Files of the same names are replaced. Raises OutputError when the folder cannot be written.
    """
    folder = Path(folder)
    missing = [p for p in (folder, *folder.parents) if not p.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=".part.", dir=folder))
    except OSError as error:
        raise explained(folder, error) from None
    try:
        yield temporary
        for file in sorted(temporary.iterdir()):
            os.replace(file, folder / file.name)
    except OSError as error:
        raise explained(folder, error) from None
    except OutputError as error:
        raise OutputError(str(error).replace(str(temporary), str(folder))) from None
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
        for made in missing:  # the innermost first; stays where something lies in it
            with contextlib.suppress(OSError):
                made.rmdir()


def check_new(path: Path | str, force: bool, folder: bool = False) -> None:
    """Raise OutputError when `path` exists and may not be replaced, or when its folder cannot be made or written.

    folder: `path` itself is to become a folder.
    """
    path = Path(path)
    if path.is_dir() and not folder:
        raise OutputError(f"'{path}' is a folder; give a file name")
    if path.exists() and not force:
        raise OutputError(f"'{path}' exists already; give another name, or --force to replace it")
    if path.exists() and not path.is_file() and not folder:
        raise OutputError(f"'{path}' is a device or a pipe; give the name of a file")
    above = pointed(path).parent
    while not above.exists():
        above = above.parent
    if not above.is_dir() or not os.access(above, os.W_OK):
        raise OutputError(f"cannot write '{path}': the folder '{above}' is not writable")


def pointed(path: Path) -> Path:
    """Where a symbolic link leads; any other path as it is."""
    return Path(os.path.realpath(path)) if path.is_symlink() else path


def write_text(path: Path | str, text: str) -> None:
    """Write UTF-8 text whole or not at all. Odd bytes of a path are written as JSON's `\\udcff`, which reads back as they were."""
    with writing(path) as temporary:
        temporary.write_text(text, encoding="utf-8", errors="backslashreplace")


def file_sha256(path: Path | str) -> str:
    """Hex SHA-256 of a file; of a folder, that of its files' names and contents in order."""
    path = Path(path)
    digest = hashlib.sha256()
    for file in sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]:
        if path.is_dir():
            digest.update(file.relative_to(path).as_posix().encode())
        with file.open("rb") as f:
            while block := f.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def explained(path: Path, error: OSError) -> OutputError:
    """Why `path` cannot be written, in one line with what to do."""
    if error.errno == errno.ENOSPC:
        return OutputError(f"cannot write '{path}': the disk is full; free some space and run it again")
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return OutputError(f"cannot write '{path}': the folder '{path.parent}' is not writable")
    return OutputError(f"cannot write '{path}': {error.strerror or error}")
