"""Text files and tables as people's programs save them: UTF-8 with or without its mark, UTF-16, columns divided by , ; or tabs."""

from __future__ import annotations

import codecs
import csv
import io
from pathlib import Path

from genstudio.errors import MediaError

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip
_LOOKED_AT = 1000  # bytes


def read_text(path: Path | str) -> str:
    """The text of a file. Raises MediaError in one line when there is none, or what it holds is no text."""
    path = Path(path)
    if not path.is_file():
        raise MediaError(f"there is no file '{path}'")
    try:
        return decoded(path.read_bytes(), f"'{path.name}'")
    except OSError as error:
        raise MediaError(f"'{path.name}' cannot be read: {error.strerror}") from None


def decoded(raw: bytes, what: str) -> str:
    """Text of bytes, with the line ends of Unix. Raises MediaError, which calls them `what`.

    >>> decoded("Grüße".encode("utf-16"), "a file")
    'Grüße'
    """
    start = raw[:_LOOKED_AT]
    coding = next((name for mark, name in _MARKS if raw.startswith(mark)), "utf-8")
    if coding == "utf-8" and b"\0" in start:  # UTF-16 without a mark: every other byte of Latin letters is 0
        coding = "utf-16-le" if not start[::2].count(0) else "utf-16-be" if not start[1::2].count(0) else ""
    try:
        if not coding:
            raise ValueError
        text = raw.decode(coding)
    except ValueError:
        raise MediaError(f"{what} is not a text file in UTF-8 or UTF-16; save it as UTF-8") from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def read_table(path: Path | str) -> list[dict[str, str]]:
    """The rows of a table with a line of column names, divided by commas, semicolons or tabs. Raises MediaError."""
    text = read_text(path)
    names = text.partition("\n")[0]
    divider = "," if "," in names else max(";\t", key=names.count)
    try:
        return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=divider))
    except csv.Error as error:
        raise MediaError(f"'{Path(path).name}' is not a table: {error}") from None
