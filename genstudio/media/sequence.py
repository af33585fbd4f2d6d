"""A folder of numbered PNG frames with their sound: what compositing programs take."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from genstudio.errors import MediaError, OutputError
from genstudio.media.files import SYNTHETIC, check_new, explained, pointed

if TYPE_CHECKING:
    from genstudio.protocols import F32, U8

FRAME = "{:06d}.png"
SOUND = "sound.wav"
_OURS = re.compile(r"\d{6,}\.png|" + re.escape(SOUND))


def check_sequence(folder: Path, force: bool) -> None:
    """Raises OutputError when `folder` may not be made; `force` replaces a folder of frames, never one of anything else."""
    check_new(folder, force, folder=True)
    if folder.is_dir():
        other = [p.name for p in folder.iterdir() if p.is_dir() or not _OURS.fullmatch(p.name)]
        if other:
            raise OutputError(f"'{folder}' holds more than frames ('{min(other)}'); --force replaces no such folder")
    elif folder.exists():
        raise OutputError(f"'{folder}' is a file; frames need a folder of their own (or name it .mp4 or .webm)")


def write_sequence(
    folder: Path | str, frames: Iterable[U8], audio: F32 | None = None, rate: int = 0, force: bool = False,
    progress: Callable[[int], None] | None = None,
) -> int:  # fmt: skip
    """Write frames, uint8 [h, w, 3] RGB or [h, w, 4] with alpha, as 000001.png …, and sound.wav. Returns the frame count.

    The folder appears whole or not at all; an existing one is replaced with `force` alone. Every frame carries the mark of
    its synthetic origin. Raises OutputError, MediaError.
    """
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    from genstudio.media.audio import write_audio

    folder = pointed(Path(folder))
    check_sequence(folder, force)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=f".{folder.name[:40]}.", dir=folder.parent))
    except OSError as error:
        raise explained(folder, error) from None
    mark = PngInfo()
    mark.add_text("Software", "genstudio")
    mark.add_text("Comment", SYNTHETIC)
    count = 0
    try:
        for pixels in frames:
            count += 1
            Image.fromarray(pixels).save(temporary / FRAME.format(count), pnginfo=mark, compress_level=3)
            if progress is not None:
                progress(count)
        if count == 0:
            raise MediaError("a sequence needs at least one frame")
        if audio is not None:
            write_audio(temporary / SOUND, audio, rate)
        temporary.chmod(0o755)
        if folder.is_dir():
            shutil.rmtree(folder)
        temporary.rename(folder)
    except OSError as error:
        raise explained(folder, error) from None
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return count
