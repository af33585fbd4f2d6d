"""The command that says why: explain."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from genstudio.cli.common import JsonOption, print_json, say
from genstudio.cli.read import NOTICE


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(explain)


def explain(
    file: Annotated[Path, typer.Argument(help="A picture, a face, a recording, a video or a .txt.")],
    reference: Annotated[
        Path | None,
        typer.Option(
            "--reference", "-r", help="A neutral recording, or a calm photo, of the same person to compare with."
        ),
    ] = None,
    modality: Annotated[str | None, typer.Option("--as", help="Read as face, image, speech or text.")] = None,
    all_cues: Annotated[bool, typer.Option("--all", help="Every cue measured, not the notable ones alone.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Say in words why a file is read as it is: each clause is a measurement, with its number.

    What genstudio made is compared with the same voice's neutral and the portrait it came from; any other file with other
    people's normal, unless --reference gives this person's own.

    Example: genstudio explain out.wav
    """
    from genstudio import registry

    found = registry.load("tool:explain")(file, reference, modality)
    if as_json:
        print_json([{"path": str(file), **e.as_dict()} for e in found])
    else:
        for e in found:
            print(f"{e.reading.modality}: {e.text()}")
            if all_cues:
                for c in e.cues:
                    z = "" if c.z is None else f"{c.z:+.1f} sd"
                    print(f"  {c.name:<16} {c.clause}  {z}")
            for note in e.notes:
                say(note)
    if any(e.reading.modality in ("face", "speech") for e in found):
        say(NOTICE)
