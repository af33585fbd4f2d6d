"""The command that compares two folders: compare."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from genstudio.cli.common import JsonOption, print_json, progress, say


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(compare)


def compare(
    a: Annotated[Path, typer.Argument(help="A folder.")],
    b: Annotated[Path, typer.Argument(help="Another, with files of the same names.")],
    suite: Annotated[str, typer.Option(help="talking-head, speech, image, face, text or all.")] = "all",
    targets: Annotated[Path | None, typer.Option(help="CSV of file, emotion: what was asked, for both.")] = None,
    out: Annotated[
        Path | None, typer.Option("-o", "--out", help="Keep what was read, so that a second run is quick.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Paired differences A minus B, with intervals and significance.

    Example: genstudio compare ours/ theirs/ --suite speech --targets targets.csv
    """
    from genstudio import registry

    with progress() as report:
        found = registry.load("tool:compare")(a, b, suite=suite, targets=targets, out=out, progress=report)
    if as_json:
        print_json(found)
        return
    say(f"{found['pairs']} pairs; {found['only_a']} only in {a}, {found['only_b']} only in {b}")
    print(f"{'':<8} {'':<10} {'A':>7} {'B':>7} {'A - B':>7}  95 % interval       p")
    for d in found["differences"]:
        low, high = d["interval"]
        better = f"  {d['better'].upper()} is better" if d["better"] else ""
        print(
            f"{d['modality']:<8} {d['figure']:<10} {d['a']:7.3f} {d['b']:7.3f} {d['difference']:+7.3f}  "
            f"[{low:+.3f}, {high:+.3f}]  {d['p']:.3f}{better}"
        )
