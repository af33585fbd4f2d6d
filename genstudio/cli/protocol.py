"""The command that judges an engine: protocol."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from genstudio.cli.common import JsonOption, print_json, progress, say
from genstudio.errors import InputError, suggest

KINDS = ("speech", "head", "image")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(protocol)


def protocol(
    kind: Annotated[str, typer.Argument(help="What to judge: speech, head or image.")],
    out: Annotated[
        Path | None,
        typer.Option("-o", "--out", help="A folder for report.json, report.md and the rows; a stopped run goes on."),
    ] = None,
    engine: Annotated[str, typer.Option(help="Which engine ('genstudio engines' lists them).")] = "embedded",
    emotions: Annotated[str | None, typer.Option(help="Comma-separated; all seven when not given.")] = None,
    items: Annotated[
        int | None,
        typer.Option("--items", help="Sentences (2 to 8), portraits (2 to 6) or prompts (2 to 8); 6 when not given."),
    ] = None,
    voices: Annotated[str | None, typer.Option(help="Of speech: comma-separated; the first when not given.")] = None,
    seeds: Annotated[int, typer.Option(help="Takes of each item and emotion.")] = 1,
    as_json: JsonOption = False,
) -> None:
    """Judge an engine by a protocol that cannot fool itself.

    Neutral sentences (portraits, prompts), every emotion, the same seeds with and without it; all decoded alike before they are
    read; each figure beside its recogniser's ceiling, kinship, chance, interval and count; one cue alone beside the whole; gates on
    words, speaker, lip sync and identity; and for every control: did it act?

    Example: genstudio protocol speech --items 4 -o protocol/
    """
    from genstudio import registry
    from genstudio.media.files import write_text

    if kind not in KINDS:
        raise InputError(f"unknown kind '{kind}'; valid: {', '.join(KINDS)}" + suggest(kind, KINDS))
    if voices and kind != "speech":
        raise InputError("--voices belongs to the protocol of speech")
    options: dict[str, object] = {"seeds": seeds}
    if emotions:
        options["emotions"] = [e.strip() for e in emotions.split(",") if e.strip()]
    if items is not None:
        options["items"] = items
    if voices:
        options["voices"] = [v.strip() for v in voices.split(",")]
    with progress() as report:
        found = registry.load("tool:protocol")(
            kind, f"{kind}:{engine}", rows=out / "rows.jsonl" if out else None, progress=report, **options
        )
    if out is not None:
        write_text(out / "report.json", json.dumps(found.as_dict(), indent=1, ensure_ascii=False) + "\n")
        write_text(out / "report.md", found.markdown())
    if as_json:
        print_json(found.as_dict())
    else:
        print(found.markdown())
    if out is not None:
        say(f"wrote {out}/report.md and report.json")
