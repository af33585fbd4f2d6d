"""Commands about data sets: data list, data check."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from genstudio.cli.command import App
from genstudio.cli.common import JsonOption, print_json, say


def register(app: typer.Typer) -> None:
    """Add the group."""
    data = App(
        help="The field's data sets: where to get them, on which terms, and whether a folder holds one.",
        no_args_is_help=True,
    )
    data.command("list")(list_)
    data.command("check")(check)
    app.add_typer(data, name="data")


def list_(as_json: JsonOption = False) -> None:
    """Where to get each data set that folders can be read as, and its terms."""
    from genstudio import registry

    sets = registry.load("tool:datasets")
    if as_json:
        print_json([d.as_dict() for d in sets])
        return
    for d in sets:
        flag = "  [not for commercial use]" if d.research_only else ""
        print(f"{d.name:<15} {d.modality:<16} {d.labels}\n{'':15} {d.terms}{flag}\n{'':15} {d.get}")


def check(
    folder: Annotated[Path, typer.Argument(help="A folder with a data set.")],
    layout: Annotated[str, typer.Option(help="A layout's name, or auto.")] = "auto",
    as_json: JsonOption = False,
) -> None:
    """Which layout a folder has, and how many clips of which label and person."""
    from genstudio import registry
    from genstudio.errors import InputError

    if not folder.is_dir():
        raise InputError(f"'{folder}' is no folder")
    name, items = registry.load("tool:layouts")(folder, layout)
    if not items:
        raise InputError(f"'{folder}' is laid out like none of the data sets that 'genstudio data list' shows")
    labels = Counter(i.label or "(rated)" for i in items)
    people = len({i.cluster for i in items if i.cluster})
    problems = [i for i in items if i.problem]
    found = {
        "layout": name, "items": len(items), "people": people, "labels": dict(labels.most_common()),
        "splits": dict(Counter(i.split for i in items if i.split)), "problems": len(problems),
    }  # fmt: skip
    if as_json:
        print_json(found)
        return
    print(f"{folder} is laid out as {name}: {len(items)} items" + (f" of {people} people" if people else ""))
    for label, count in labels.most_common(40):
        print(f"  {label:<24} {count}")
    for item in problems[:5]:
        say(f"{item.name}: {item.problem}")
