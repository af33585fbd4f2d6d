"""Commands of blind reading: blind deal, blind score."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from genstudio.cli.command import App
from genstudio.cli.common import JsonOption, print_json, progress, say


def register(app: typer.Typer) -> None:
    """Add the group."""
    blind = App(
        help="Let people name the emotion of shuffled pictures, faces or clips that they know nothing else of.",
        no_args_is_help=True,
    )
    blind.command("deal")(deal)
    blind.command("score")(score)
    app.add_typer(blind, name="blind")


def deal(
    folder: Annotated[Path, typer.Argument(help="Pictures, videos (their middle frame) or recordings, by any tool.")],
    out: Annotated[
        Path, typer.Option("-o", "--out", help="A new folder: numbered sheets and clips, answers.csv, protocol.txt.")
    ],
    targets: Annotated[Path | None, typer.Option(help="CSV of file, emotion; our own sidecars need none.")] = None,
    count: Annotated[int | None, typer.Option(help="At most as many of every emotion.")] = None,
    per_sheet: Annotated[int, typer.Option(help="Pictures on a sheet.")] = 12,
    seed: Annotated[int, typer.Option(help="Order and choice.")] = 0,
    as_json: JsonOption = False,
) -> None:
    """Deal a folder out for a blind reading. The key is written beside the new folder, not into it.

    Example: genstudio blind deal outputs/ -o reading/ --count 8, then give reading/ away
    """
    from genstudio import registry

    with progress() as report:
        found = registry.load("tool:blind-deal")(
            folder, out, targets=targets, count=count, per_sheet=per_sheet, seed=seed, progress=report
        )
    if as_json:
        print_json(found)
    else:
        say(
            f"{found['items']} items on {found['sheets']} sheets in {out}; the key, to be kept away from readers: {found['key']}"
        )


def score(
    out: Annotated[Path, typer.Argument(help="The folder that was dealt, with answers*.csv filled.")],
    key: Annotated[Path | None, typer.Option(help="The key, when it lies elsewhere.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Score the answers: accuracy and recall with intervals, beside chance, and how far readers agree.

    Example: genstudio blind score reading/
    """
    from genstudio import registry

    found = registry.load("tool:blind-score")(out, key)
    if as_json:
        print_json(found)
        return
    for name, r in found["readers"].items():
        a, u = r["accuracy"], r["uar"]
        print(
            f"{name}: {a['value']:.2f} right ({a['low']:.2f} to {a['high']:.2f}), each emotion alike {u['value']:.2f} "
            f"({u['low']:.2f} to {u['high']:.2f}), chance {found['chance']:.2f}, {found['items']} items"
        )
        for emotion, line in zip(found["choices"], r["confusion"], strict=True):
            said = ", ".join(
                f"{n} {c}" for c, n in sorted(zip(found["choices"], line, strict=True), key=lambda x: -x[1]) if n
            )
            print(f"  {emotion:<12} {said}")
    if "alpha" in found:
        print(f"agreement of readers, Krippendorff's alpha: {found['alpha']:.2f}")
