"""Commands about the installation: engines, doctor, studio."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

import typer

from genstudio.cli.command import App
from genstudio.cli.common import AllowPickleOption, JsonOption, LoadOption, print_json, progress, say


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(engines_app, name="engines")
    app.command()(doctor)
    app.command()(studio)


engines_app = App(
    help="List generators and recognisers, fetch pretrained ones, fit emotion directions in them.",
    no_args_is_help=False,
)


@engines_app.callback(invoke_without_command=True)
def engines(
    context: typer.Context,
    as_json: JsonOption = False,
    pretrained: Annotated[bool, typer.Option("--pretrained/--all", help="The pretrained ones alone.")] = False,
) -> None:
    """List generators and recognisers: what each is, whether it is here, its licence, size, memory, and how to get it."""
    if context.invoked_subcommand is not None:
        return
    rows = ([] if pretrained else _built_in()) + _pretrained()
    if as_json:
        print_json(rows)
        return
    for row in rows:
        if row["source"] != "hub":
            learned = f"; learned from {row['trained_on']}" if row["trained_on"] else ""
            print(f"{row['key']:<24} {row['state']:<12} {row['licence']:<14} {row['about']}{learned}")
    print(
        "\npretrained (their cards' own licences count; 'computed': the model built at its size without weights, and counted):"
    )
    for row in rows:
        if row["source"] == "hub":
            may = {True: "", False: "  NON-COMMERCIAL", None: "  commercial use under conditions"}[row["commercial"]]
            apart = row["offload_gb"] is not None and row["offload_gb"] < row["memory_gb"]
            needs = f"{row['size_gb']:>5g} GB, {row['memory_gb']:>3g} GB of memory"
            needs += (
                f" ({row['offload_gb']:g} with offload=true)"
                if apart and row["key"].split(":")[0] != "evaluator"
                else ""
            )
            print(f"{row['name']:<19} {row['state']:<18} {needs}  {row['licence']}{may}")
            print(f"{'':<19} {row['about']}; emotion: {row['lever']}; {row['get']}")
            print(f"{'':<19} " + "; ".join(f"{k}: {v or 'not verified'}" for k, v in row["sources"].items()))


def _built_in() -> list[dict[str, Any]]:
    from genstudio import registry
    from genstudio.sidecar import weights_of

    rows: list[dict[str, Any]] = []
    for key, entry in registry.entries().items():
        if entry.kind == "tool":
            continue
        try:
            weights = {} if entry.open else weights_of(key)
            state = "ready" if weights or not entry.weights else "weights missing"
            if absent := [m for m in entry.needs if find_spec(m) is None]:
                state = f"needs the package '{absent[0]}'"
        except ModuleNotFoundError as error:
            weights, state = {}, f"'{error.name}' is not installed"
        rows.append({
            "key": key, "state": state, "about": entry.about, "licence": entry.licence, "trained_on": entry.trained_on,
            "source": entry.source, "weights": weights,
        })  # fmt: skip
    return rows


def _pretrained() -> list[dict[str, Any]]:
    from genstudio.catalogue import models

    return [
        {
            "key": f"{m.kind}:{m.spec}", "name": m.name, "state": m.state(), "about": m.about, "licence": m.licence,
            "commercial": m.commercial, "size_gb": m.size, "memory_gb": m.memory, "offload_gb": m.offload,
            "parameters_billion": m.parameters,
            "lever": m.chosen() or m.lever, "source": "hub", "trained_on": "see its own card", "get": m.get,
            "unverified": list(m.unverified), "sources": dict(m.sources),
        }
        for m in models()
    ]  # fmt: skip


@engines_app.command()
def fetch(
    name: Annotated[str, typer.Argument(help="A name of 'genstudio engines', or a hub id 'owner/name[@revision]'.")],
    allow_pickle: Annotated[bool, typer.Option("--allow-pickle", help="Also take weights that can run code.")] = False,
    sha256: Annotated[str, typer.Option("--sha256", help="Refuse other weights than those of this fingerprint.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Bring a pretrained model into the cache, checked for completeness, and print where it lies.

    Example: genstudio engines fetch sdxl
    """
    from genstudio import catalogue, hub

    model = catalogue.find(name) if "/" not in name else None
    spec = model.hub_id if model else name
    if model is not None:
        say(
            f"{model.about}: about {model.size:g} GB, licence {model.licence}"
            + (" (non-commercial)" if model.commercial is False else "")
        )
    folder = hub.resolve(spec, allow_pickle, sha256=sha256)
    found = {"name": name, "folder": str(folder), "sha256": hub.fingerprint(folder), "bytes": hub.weight_bytes(folder)}
    if as_json:
        print_json(found)
    else:
        print(folder)
        say(f"fingerprint {found['sha256']}; use it as {model.spec if model else spec}")


@engines_app.command()
def fit(
    name: Annotated[
        str, typer.Argument(help="A name of 'genstudio engines', or an engine such as diffusers:FOLDER-OR-HUB-ID.")
    ],
    data: Annotated[
        Path | None, typer.Option("--data", help="Of voices: a folder of labelled clips (EmoDB's layout and others).")
    ] = None,
    reference: Annotated[
        Path | None, typer.Option("--reference", help="Of voices that clone: the clip to clone while levers are tried.")
    ] = None,
    sweep: Annotated[
        bool | None,
        typer.Option(
            help="Of pictures: try strengths and keep the best.", show_default="unless it takes over half an hour"
        ),
    ] = None,
    load: LoadOption = None,
    allow_pickle: AllowPickleOption = False,
    force: Annotated[bool, typer.Option("--force", "-f", help="Fit again what was fitted before.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Fit emotion directions in a pretrained model, with the measured effect; kept in the cache by the weights' fingerprint.

    Then each lever is tried at several strengths, read by the steering recogniser; the best that keeps person, words or content
    is used from then on where you name none.

    Examples: genstudio engines fit sdxl · genstudio engines fit xtts --data DATA/emodb --reference me.wav --allow-pickle
    """
    from genstudio import catalogue, registry
    from genstudio.cli.loading import load_options
    from genstudio.errors import InputError, suggest

    model = None if ":" in name else catalogue.find(name)
    if model is not None and model.kind == "evaluator":
        raise InputError(f"'{name}' reads and makes nothing: there are no directions to fit in it")
    spec = name if model is None else model.spec
    makers = ("image", "head", "speech")
    scheme = spec.partition(":")[0]
    kind = next((k for k in makers if f"{k}:{scheme}" in registry.entries()), None)
    if kind is None:
        valid = tuple(e.name for e in registry.entries().values() if e.kind in makers and e.open)
        raise InputError(
            f"unknown engine '{scheme}'; valid: {', '.join(valid)}, each with ':FOLDER'" + suggest(scheme, valid)
        )
    options = load_options(f"{kind}:{spec}", [*(load or ()), *(["allow_pickle=yes"] if allow_pickle else ())])
    with progress() as report:
        found = registry.load("tool:fit-directions")(
            spec, data=data, force=force, reference=reference, load=options or None, sweep=sweep,
            progress=lambda share: report("fit", share),
        )  # fmt: skip
    if as_json:
        print_json(found)
        return
    for key, value in found.items():
        if key != "curve":
            print(f"{key:<22} {value}")
    for row in found.get("curve", ()):
        print(f"{'curve':<22} " + "  ".join(f"{k} {v}" for k, v in row.items()))


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
    page.serve(host, port, open_browser, lambda address: say(f"the studio opens on {address} (Ctrl-C ends it)"))
