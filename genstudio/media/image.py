"""Image files in and out. Reading always gives upright RGB; sizes are checked before decoding."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from genstudio.errors import MediaError
from genstudio.media.files import SYNTHETIC, writing
from genstudio.media.rates import MAX_IMAGE_SIDE, MIN_IMAGE_SIDE

if TYPE_CHECKING:
    from genstudio.protocols import U8

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff", ".gif", ".avif", ".jfif")
WRITTEN = (".png", ".jpg", ".jpeg", ".webp")
_WORKING_SIDE = 2048  # larger pictures are reduced to this side at once


def read_image(path: Path | str, max_side: int = _WORKING_SIDE) -> U8:
    """Decode to uint8 [height, width, 3] RGB: EXIF rotation applied, CMYK and palettes converted, alpha laid on white.

    Pictures larger than `max_side` are reduced to it. Raises MediaError in one line when the file is missing, is no
    image, has a side outside 16..12000 pixels or one more than 128 times the other.
    """
    import numpy as np
    from PIL import Image, ImageOps, UnidentifiedImageError

    path = Path(path)
    if not path.is_file():
        raise MediaError(f"there is no file '{path}'")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(path) as opened:
                width, height = opened.size
                if min(width, height) < MIN_IMAGE_SIDE or max(width, height) > MAX_IMAGE_SIDE:
                    raise MediaError(
                        f"'{path.name}' is {width} x {height} pixels; sides of {MIN_IMAGE_SIDE} to {MAX_IMAGE_SIDE} are taken"
                    )
                if max(width, height) * MIN_IMAGE_SIDE > _WORKING_SIDE * min(width, height):
                    raise MediaError(
                        f"'{path.name}' is {width} x {height} pixels; the longer side may be "
                        f"{_WORKING_SIDE // MIN_IMAGE_SIDE} times the shorter one at most"
                    )
                opened.draft("RGB", (max_side, max_side))
                image = ImageOps.exif_transpose(opened)
                if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
                    image = image.convert("RGBA")
                    white = Image.new("RGBA", image.size, "white")
                    image = Image.alpha_composite(white, image)
                elif image.mode.startswith("I"):  # 16 or 32 bit grey
                    grey = np.asarray(image, np.float64)
                    image = Image.fromarray((255 * grey / max(float(grey.max()), 1.0)).astype(np.uint8))
                image = image.convert("RGB")
                image.thumbnail((max_side, max_side), Image.Resampling.LANCZOS)
                return np.asarray(image).copy()
    except UnidentifiedImageError:
        from genstudio.media.video import SUFFIXES as VIDEO

        if path.suffix.lower() in VIDEO:
            raise MediaError(
                f"'{path.name}' is a video; give a picture, such as one of its frames saved as PNG"
            ) from None
        raise MediaError(f"'{path.name}' is not an image that can be read; give a PNG, JPEG or WebP") from None
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        if isinstance(error, MediaError):
            raise
        raise MediaError(f"'{path.name}' cannot be read as an image: {str(error).splitlines()[0]}") from None


def check_written(path: Path) -> None:
    """Raises MediaError unless pictures are written under such a name."""
    if path.suffix.lower() not in WRITTEN:
        raise MediaError(f"pictures are written as .png, .jpg or .webp; got '{path.name}'")


def write_image(path: Path | str, pixels: U8, settings: str = "") -> None:
    """Write uint8 [height, width, 3] RGB as PNG, JPEG or WebP (by suffix), marked as synthetic; `settings` goes along.

    Raises MediaError for another suffix, OutputError when it cannot be written.
    """
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    path = Path(path)
    check_written(path)
    suffix = path.suffix.lower()
    image = Image.fromarray(pixels)
    options: dict[str, object] = {}
    if suffix == ".png":
        info = PngInfo()
        info.add_text("Software", "genstudio")
        info.add_text("Comment", SYNTHETIC)
        if settings:
            info.add_itxt("genstudio", settings)
        options = {"pnginfo": info, "format": "PNG"}
    else:
        exif = Image.Exif()
        exif[0x010E] = SYNTHETIC  # ImageDescription
        exif[0x0131] = "genstudio"  # Software
        options = {"exif": exif, "quality": 95, "format": "WEBP" if suffix == ".webp" else "JPEG"}
    with writing(path) as temporary:
        image.save(temporary, **options)  # type: ignore[arg-type]
