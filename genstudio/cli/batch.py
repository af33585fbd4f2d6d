"""Batches on the command line."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from genstudio.cli.command import App
from genstudio.cli.common import AllowPickleOption, JsonOption, LoadOption, engine_of, print_json, say


def register(app: typer.Typer) -> None:
    """Add the command group."""
    group = App(help="Many jobs from one manifest, resumable.", no_args_is_help=True)
    group.command("run")(run)
    group.command("list")(list_jobs)
    app.add_typer(group, name="batch")


def run(
    manifest: Annotated[
        Path, typer.Argument(help="A YAML file: jobs: [{kind: paint, prompt: a lake, sweep: {emotion: [joy]}}]")
    ],
    out: Annotated[Path, typer.Option("-o", "--out", help="A folder.")] = Path("batch"),
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with a batch that this folder already holds.")
    ] = False,
    speech: Annotated[
        str, typer.Option("--speech", help="The speech engine, such as transformers:FOLDER.")
    ] = "embedded",
    head: Annotated[str, typer.Option("--head", help="The engine of talking heads.")] = "embedded",
    image: Annotated[str, typer.Option("--image", help="The engine of pictures.")] = "embedded",
    load: LoadOption = None,
    allow_pickle: AllowPickleOption = False,
    as_json: JsonOption = False,
) -> None:
    """Do every job of a manifest. A killed run goes on with --resume; nothing is done twice.

    A voice that can speaks the texts of many jobs at once. Examples: genstudio batch run jobs.yaml -o results/ ·
    genstudio batch run jobs.yaml -o results/ --speech transformers:sesame/csm-1b --load dtype=bfloat16
    """
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from genstudio.batch.runner import run as perform
    from genstudio.errors import InputError
    from genstudio.studio import Studio

    chosen: dict[str, Any] = {"speech": speech, "head": head, "image": image}
    named = [kind for kind, name in chosen.items() if name != "embedded"]
    if (load or allow_pickle) and len(named) != 1:
        raise InputError("--load and --allow-pickle belong to one engine: name one of --speech, --head, --image")
    for kind in named:
        chosen[kind] = engine_of(kind, chosen[kind], load, allow_pickle)

    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description:<18}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as bars:
        task = bars.add_task("batch", total=None)

        def report(done: int, total: int, what: str) -> None:
            bars.update(task, completed=done, total=total, description=what)
            if not console.is_terminal and (total <= 50 or done % 10 == 0 or done == total):
                print(f"{done}/{total} {what}", file=sys.stderr)

        summary = perform(manifest, out, resume=resume, studio=Studio(**chosen), progress=report)
    for line in summary.errors[:20]:
        say(f"error: {line}")
    if as_json:
        print_json(
            {
                "done": summary.done,
                "failed": summary.failed,
                "already": summary.already,
                "results": str(summary.results),
                "errors": list(summary.errors),
            }
        )
    else:
        print(summary.results)
        say(f"{summary.done} done, {summary.failed} failed, {summary.already} were done before")
    if summary.failed:
        raise typer.Exit(1)


def list_jobs(manifest: Annotated[Path, typer.Argument(help="A YAML manifest.")], as_json: JsonOption = False) -> None:
    """Show the jobs a manifest unfolds to, without doing them."""
    from genstudio.batch.manifest import read_manifest

    jobs = read_manifest(manifest)
    if as_json:
        print_json([{"number": j.number, "kind": j.kind, "output": j.output, **j.fields} for j in jobs])
        return
    for j in jobs:
        print(f"{j.number:06d} {j.kind:<9} " + " ".join(f"{k}={v!r}" for k, v in j.fields.items()))
    say(f"{len(jobs)} jobs")
