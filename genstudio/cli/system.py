"""Commands about the installation: engines, doctor, studio."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from genstudio.cli.common import JsonOption, print_json, say


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(engines)
    app.command()(doctor)
    app.command()(studio)


def engines(as_json: JsonOption = False) -> None:
    """List generators and recognisers: what each is, its licence and what it learned from."""
    from genstudio import registry
    from genstudio.sidecar import weights_of

    rows: list[dict[str, Any]] = []
    for key, entry in registry.entries().items():
        if entry.kind == "tool":
            continue
        try:
            weights = weights_of(key)
            state = "ready" if weights or not entry.weights else "weights missing"
        except ModuleNotFoundError as error:
            weights, state = {}, f"'{error.name}' is not installed"
        rows.append({
            "key": key, "state": state, "about": entry.about, "licence": entry.licence, "trained_on": entry.trained_on,
            "source": entry.source, "weights": weights,
        })  # fmt: skip
    if as_json:
        print_json(rows)
        return
    for row in rows:
        print(
            f"{row['key']:<24} {row['state']:<10} {row['licence']:<11} {row['about']}; learned from {row['trained_on']}"
        )


def doctor(as_json: JsonOption = False) -> None:
    """Check the installation: packages, weights, processor, GPU, writable folders. Exit code 1 when something is wrong."""
    from genstudio.doctor import check

    checks = check()
    if as_json:
        print_json([c.__dict__ for c in checks])
    else:
        for c in checks:
            print(f"{'ok ' if c.ok else 'BAD'} {c.name:<22} {c.found}" + ("" if c.ok else f" — {c.remedy}"))
    if not all(c.ok for c in checks):
        raise typer.Exit(1)


def studio(
    port: Annotated[int, typer.Option(help="Port of the page.")] = 7860,
    host: Annotated[str, typer.Option(help="Address to listen on; the default is this machine alone.")] = "127.0.0.1",
    open_browser: Annotated[bool, typer.Option("--open/--no-open", help="Open the page in a browser.")] = False,
) -> None:
    """Start the web page: every control, what is made beside the emotion read back from it."""
    from importlib import import_module

    page = import_module("genstudio.apps.studio")  # an app; the core does not know it otherwise
    say(f"the studio opens on http://{host}:{port} (Ctrl-C ends it)")
    page.serve(host=host, port=port, open_browser=open_browser)
