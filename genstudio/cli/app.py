"""The Typer application, put together from one file a command group."""

from __future__ import annotations

from typing import Annotated

import typer

from genstudio.cli import (
    animate,
    batch,
    blind,
    card,
    compare,
    data,
    explain,
    make,
    paint,
    protocol,
    read,
    speak,
    system,
    timeline,
)
from genstudio.cli.command import App

app = App(
    name="genstudio",
    help="One emotion in; image, voice, talking head and their measured scores out.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(value: bool) -> None:
    if value:
        from genstudio import __version__

        typer.echo(f"genstudio {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Say more on stderr.")] = False,
) -> None:
    """Options of every command."""
    import logging

    logging.basicConfig(
        level=logging.INFO if verbose else logging.WARNING, format="%(levelname)s %(name)s: %(message)s"
    )


for group in (
    speak,
    make,
    animate,
    paint,
    read,
    card,
    explain,
    compare,
    protocol,
    blind,
    timeline,
    data,
    batch,
    system,
):
    group.register(app)
