"""The command for one take: card."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from genstudio.cli.common import JsonOption, print_json, say
from genstudio.cli.read import NOTICE
from genstudio.errors import InputError


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(card)


def card(
    file: Annotated[Path, typer.Argument(help="A recording, a video or a picture, by any tool.")],
    target: Annotated[str | None, typer.Option("--target", "-t", help="The emotion it was meant to have.")] = None,
    text: Annotated[str | None, typer.Option("--text", help="What should be said.")] = None,
    language: Annotated[str, typer.Option("--language", help="Of the text, such as en or de.")] = "",
    reference: Annotated[
        Path | None,
        typer.Option("--reference", "-r", help="A neutral recording of the same speaker, or the portrait of a video."),
    ] = None,
    html: Annotated[Path | None, typer.Option("--html", help="Also write it as a page.")] = None,
    force: Annotated[bool, typer.Option("--force", "-f", help="Replace an existing page.")] = False,
    as_json: JsonOption = False,
) -> None:
    """The report card of one take: emotion reached, speaker or face kept, words, pitch, rate, lip sync, artefacts.

    What was meant is read from the sidecar when genstudio made the file; for others, say it.

    Examples: genstudio card out.wav · genstudio card theirs.wav -t anger --text "Come in." -r their_neutral.wav
    """
    from genstudio import registry
    from genstudio.emotion import Emotion
    from genstudio.media.files import check_new, write_text
    from genstudio.sidecar import add_to_sidecar, sidecar_path

    if html is not None:
        check_new(html, force)
        if html.suffix.lower() not in (".html", ".htm"):
            raise InputError(f"--html writes .html; got '{html.name}'")
    wanted = Emotion.parse(target) if target is not None else None
    found = registry.load("tool:report-card")(file, wanted, text, reference, language)
    if sidecar_path(file).is_file() and target is None and text is None and reference is None:
        add_to_sidecar(file, "card", found.as_dict())
    if html is not None:
        write_text(html, registry.load("tool:report-card-page")(found.as_dict(), file))
    if as_json:
        print_json({"path": str(file), **found.as_dict()})
    else:
        for line in found.lines():
            print(line)
    if any(r.name.startswith(("face", "voice")) for r in found.rows):
        say(NOTICE)
