"""What the commands share: option types, progress on stderr, results on stdout."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from genstudio.protocols import Reading
    from genstudio.take import Take

EMOTION_HELP = (
    "joy · joy:0.7+surprise:0.3 · -joy (the opposite) · valence=0.6,arousal=-0.2 · 'happily surprised' · "
    "any of 141 rated words · a phrase such as 'bittersweet relief'"
)


def _bare(value: str | None) -> str | None:
    """`-e=-joy` as many write it: the equals sign of a short option is no part of its value."""
    return value.removeprefix("=") if value else value


EmotionOption = Annotated[
    str | None, typer.Option("-e", "--emotion", help=EMOTION_HELP, show_default="neutral", callback=_bare)
]
IntensityOption = Annotated[float | None, typer.Option("--intensity", help="Scale the emotion from neutral, 0 to 1.5.")]
SeedOption = Annotated[
    int | None, typer.Option("--seed", help="Same seed, same output. Drawn and recorded when not given.")
]
TakesOption = Annotated[int, typer.Option("--takes", help="Make so many and keep the best by the steering recogniser.")]
VoiceOption = Annotated[str | None, typer.Option("--voice", help="Voice name; 'list' shows them.")]
ForceOption = Annotated[bool, typer.Option("--force", "-f", help="Replace an existing output.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the result as JSON on stdout.")]
ConsentOption = Annotated[
    bool, typer.Option("--consent", help="State once, for good, that the people shown or heard agreed to it.")
]


EngineOption = Annotated[
    str,
    typer.Option("--engine", help="Which engine: embedded, or one of 'genstudio engines' such as diffusers:FOLDER."),
]
LoadOption = Annotated[
    list[str] | None,
    typer.Option(
        "--load", help="How a pretrained engine is loaded: --load dtype=float16 device=cuda offload=yes lora=FOLDER …"
    ),
]
FallbackOption = Annotated[
    bool,
    typer.Option("--fallback", help="Where a pretrained engine is missing or does not fit, use the embedded one."),
]
AllowPickleOption = Annotated[
    bool, typer.Option("--allow-pickle", help="Also load a pretrained engine's weights that can run code.")
]
CardOption = Annotated[
    bool,
    typer.Option("--card/--no-card", help="Add a report card: emotion, speaker or face kept, words, pitch, artefacts."),
]


def say(message: str) -> None:
    """A line for people, on stderr."""
    print(message, file=sys.stderr)


def print_json(value: Any) -> None:
    """A result, on stdout."""
    from genstudio.sidecar import json_ready

    print(json.dumps(value, indent=1, ensure_ascii=False, default=json_ready))


@contextlib.contextmanager
def progress() -> Iterator[Callable[[str, float], None]]:
    """A progress bar with the time left, on stderr; yields the callback (stage, fraction)."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description:<14}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"), TimeElapsedColumn(),
        TextColumn("left"), TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns, console=console, disable=not console.is_terminal) as bars:
        tasks: dict[str, Any] = {}

        def report(stage: str, fraction: float) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=1.0)
            bars.update(tasks[stage], completed=min(fraction, 1.0))

        yield report


def reading_line(reading: Reading) -> str:
    """One line: what was read, how far from the request, and the recogniser's own ceiling."""
    parts = [f"{reading.modality} reads"]
    if reading.top is not None:
        parts.append(f"{reading.top} {reading.categories[reading.top]:.2f}")
    axes = zip("VAD", (reading.valence, reading.arousal, reading.dominance), strict=True)
    parts.append("(" + ", ".join(f"{n} {x:+.2f}" for n, x in axes if x is not None) + ")")
    if reading.distance is not None:
        parts.append(f"distance {reading.distance:.2f}")
    parts.append(f"[{reading.ceiling}]")
    return " ".join(parts)


def engine_of(
    kind: str, name: str, load: Sequence[str] | None, allow_pickle: bool = False, fallback: bool = False
) -> Any:  # fmt: skip
    """The engine's name, or the engine itself when it is to be loaded in a way of its own; with `fallback` the embedded one, and
    a word about it, where something of the named one is missing."""
    load = [*(load or ()), *(["allow_pickle=true"] if allow_pickle else ())]
    if not load and not fallback:
        return name
    from genstudio import registry
    from genstudio.cli.loading import load_options
    from genstudio.errors import MissingError

    options = load_options(f"{kind}:{name}", load) if load else {}
    try:
        if load:
            return registry.load_with(f"{kind}:{name}", **options)
        registry.load(f"{kind}:{name}")
        return name
    except MissingError as error:
        if not fallback or name == "embedded":
            raise
        say(f"warning: {error}; the embedded engine is used instead, as asked")
        return "embedded"


def report_card(out: Path) -> dict[str, Any] | None:
    """The card of a file just saved, put into its sidecar too; None where it cannot be made (a folder of frames)."""
    from genstudio import registry
    from genstudio.errors import GenstudioError
    from genstudio.sidecar import add_to_sidecar

    if out.is_dir():
        return None
    try:
        found = registry.load("tool:report-card")(out)
    except GenstudioError as error:  # the take itself is whole
        say(f"no report card: {error}")
        return None
    add_to_sidecar(out, "card", found.as_dict())
    return found.as_dict() | {"lines": found.lines()}


def finish(take: Take, out: Path, as_json: bool, card: bool = False) -> None:
    """Report a saved take; card: with a report card, in the sidecar too."""
    found = report_card(out) if card else None
    lines = found.pop("lines") if found else ()
    if as_json:
        print_json(take_row(take, out) | ({"card": found} if found else {}))
        return
    print(out)
    seed = next((c["seed"] for c in take.candidates if c["kept"]), take.request.call["seed"])
    say(f"requested {take.emotion} · seed {seed} · {take.seconds:.1f} s")
    understood = take.output.info.get("understood")
    if isinstance(understood, Mapping) and understood.get("note"):
        say(str(understood["note"]))
    order = take.output.info.get("spearman")
    if isinstance(order, Mapping):
        axes = ", ".join(f"{axis} {'not read' if x is None else f'{x:+.2f}'}" for axis, x in order.items())
        say(f"requested against read, Spearman over the cells: {axes}")
    say(reading_line(take.reading) if take.reading is not None else f"not read: {take.note}")
    for line in lines:
        say(line)


def take_row(take: Take, out: Path) -> dict[str, Any]:
    """What `--json` prints for something made."""
    from genstudio.sidecar import reading_dict, sidecar_path

    return {
        "path": str(out), "sidecar": str(sidecar_path(out)), "kind": take.request.kind,
        "seed": next((c["seed"] for c in take.candidates if c["kept"]), take.request.call["seed"]),
        "requested": take.emotion.to_dict(), "achieved": reading_dict(take.reading), "note": take.note,
        "takes": [dict(c) for c in take.candidates], "seconds": round(take.seconds, 3),
    }  # fmt: skip


def record_consent(given: bool, about: str) -> str:
    """'given' or 'given before' when people agreed, else 'not stated' with a line that asks for it."""
    import time

    import platformdirs

    from genstudio.errors import OutputError
    from genstudio.media.files import write_text

    file = Path(platformdirs.user_config_dir("genstudio")) / "consent.json"
    if file.is_file():
        return "given before"
    if given:
        try:
            write_text(file, json.dumps({"consent": about, "time": time.strftime("%Y-%m-%dT%H:%M:%S%z")}) + "\n")
        except OutputError as error:
            say(f"note: consent holds for this call alone: {error}")
        return "given"
    say(
        f"please state once with --consent that whoever is shown or heard agreed: {about}; the sidecar says 'not stated'"
    )
    return "not stated"
