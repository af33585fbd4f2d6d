"""The command line: `genstudio COMMAND`. Results go to stdout, progress and messages to stderr.

Exit code 0 when all went well, 2 for wrong use or bad input, 1 for failure, 130 when interrupted.
"""

from __future__ import annotations

import errno
import io
import os
import sys


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit."""
    for stream in (sys.stdout, sys.stderr):  # a path's odd bytes pass, and no terminal's alphabet stops a message
        if isinstance(stream, io.TextIOWrapper):
            utf8 = stream.encoding.lower().replace("-", "") == "utf8"
            stream.reconfigure(errors="surrogateescape" if utf8 else "backslashreplace")
    sys.exit(run(arguments))


def run(arguments: list[str] | None = None) -> int:
    """Run the command line; returns the exit code. Every error is one line on stderr, never a traceback."""
    import click

    from genstudio.cli.app import app
    from genstudio.cli.loading import folded
    from genstudio.errors import GenstudioError

    try:
        words = folded(sys.argv[1:] if arguments is None else arguments)
        code = app(words, standalone_mode=False, prog_name="genstudio")
    except GenstudioError as error:
        return _fail(str(error), error.exit_code)
    except click.exceptions.Abort:
        return _fail("interrupted; nothing half-written is left", 130)
    except KeyboardInterrupt:
        return _fail("interrupted; nothing half-written is left", 130)
    except Exception as error:
        # Typer may carry its own copy of click: its errors are known by what they can do
        if hasattr(error, "format_message"):
            context = getattr(error, "ctx", None)
            hint = f" (see '{context.command_path} --help')" if context is not None else ""
            return _fail(str(error.format_message()) + hint, int(getattr(error, "exit_code", 2)))
        if type(error).__name__ == "Abort":
            return _fail("interrupted; nothing half-written is left", 130)
        if os.environ.get("GENSTUDIO_DEBUG"):
            raise
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EROFS, errno.EACCES):
            return _fail(f"cannot read or write {error.filename or 'the output'}: {error.strerror}", 1)
        return _fail(_unexpected(error), 1)
    if code == 130:  # Typer's own word for an interrupt
        return _fail("interrupted; nothing half-written is left", 130)
    return code if isinstance(code, int) else 0


def _unexpected(error: Exception) -> str:
    reason = " ".join(str(error).split())[:300]
    if isinstance(error, MemoryError):
        return "out of memory; try a smaller size or a shorter text"
    return f"unexpected {type(error).__name__}: {reason} (set GENSTUDIO_DEBUG=1 for the traceback)"


def _fail(message: str, code: int) -> int:
    sys.stdout.flush()
    print("error: " + " ".join(message.split()), file=sys.stderr)
    return code
