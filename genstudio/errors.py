"""The errors genstudio raises, as a tree.

    GenstudioError
    ├── InputError            what was given cannot be used          (exit code 2, also a ValueError)
    │   ├── EmotionError      an emotion expression is not understood
    │   ├── MediaError        a file is not what it should be (corrupt, empty, too long, wrong kind)
    │   ├── FaceError         no usable face in a picture
    │   ├── TextError         a text that no voice can speak
    │   └── ManifestError     a batch manifest or targets file is wrong
    ├── MissingError          something has to be installed or fetched first  (exit code 1)
    │   ├── MissingExtraError an optional package is missing; names the pip command
    │   ├── MissingWeightsError  weights are absent or their hash is wrong
    │   └── MissingDataError  training or benchmark data is absent; says where to get it
    └── OutputError           the result cannot be written (exists, unwritable folder, disk full)  (exit code 1)

Every message is one line: what was wrong, what is valid, what to do next.
"""

from __future__ import annotations


class GenstudioError(Exception):
    """Base of every error raised on purpose. `exit_code` is what the command line returns."""

    exit_code = 1


class InputError(GenstudioError, ValueError):
    """What was given cannot be used."""

    exit_code = 2


class EmotionError(InputError):
    """An emotion expression is not understood, or a value is out of range."""


class MediaError(InputError):
    """A media file is corrupt, empty, too long, too large or of another kind than its name says."""


class FaceError(InputError):
    """No usable face was found in a picture."""


class TextError(InputError):
    """A text that no voice can speak: empty, too long, or in a script without a voice."""


class ManifestError(InputError):
    """A batch manifest or a targets file has an unknown field or a bad value."""


class MissingError(GenstudioError):
    """Something has to be installed or fetched first."""


class MissingExtraError(MissingError, ImportError):
    """An optional package is missing."""

    def __init__(self, package: str, extra: str, why: str) -> None:
        super().__init__(f"{why} needs the package '{package}': pip install 'genstudio[{extra}]'")


class MissingWeightsError(MissingError):
    """Weights are absent, or their SHA-256 is not the registered one."""


class MissingDataError(MissingError):
    """Training or benchmark data is absent."""


class OutputError(GenstudioError):
    """The result cannot be written: it exists already, the folder is read-only, or the disk is full."""


def suggest(word: object, valid: list[str] | tuple[str, ...], n: int = 3) -> str:
    """'; did you mean …?' for a misspelt name, else '', for what is no name too.

    >>> suggest("jpy", ["joy", "fear"])
    "; did you mean 'joy'?"
    """
    import difflib

    near = difflib.get_close_matches(word, valid, n=n, cutoff=0.6) if isinstance(word, str) else []
    return "; did you mean " + " or ".join(f"'{w}'" for w in near) + "?" if near else ""
