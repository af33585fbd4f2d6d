"""Commands that make something: create, replay, demo."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from genstudio.cli.common import (
    ConsentOption,
    EmotionOption,
    ForceOption,
    IntensityOption,
    JsonOption,
    SeedOption,
    VoiceOption,
    print_json,
    progress,
    record_consent,
    say,
)  # fmt: skip


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(create)
    app.command()(replay)
    app.command()(demo)


def create(
    text: Annotated[str, typer.Argument(help="What to say.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="A folder; an existing one gets a new take inside.")] = Path(
        "out"
    ),
    emotion: EmotionOption = None,
    intensity: IntensityOption = None,
    portrait: Annotated[str, typer.Option(help="A photo of a face, or portrait_1 to portrait_6.")] = "portrait_1",
    prompt: Annotated[str | None, typer.Option(help="What the picture shows; the text itself when not given.")] = None,
    voice: VoiceOption = None,
    size: Annotated[int, typer.Option(help="Pixels of picture and video, square.")] = 256,
    seed: SeedOption = None,
    consent: ConsentOption = False,
    force: ForceOption = False,
    as_json: JsonOption = False,
) -> None:
    """Make all three with one emotion: picture, voice and talking head, with scores and a report.

    Example: genstudio create "It was you!" -e joy --portrait me.jpg -o out/
    """
    from genstudio.create import create as run

    agreed = record_consent(consent, "an animated portrait") if Path(portrait).suffix else ""
    with progress() as report:
        result = run(
            text, emotion, out, portrait=portrait, prompt=prompt, intensity=intensity, voice=voice, size=size, seed=seed,
            consent=agreed, force=force, progress=report,
        )  # fmt: skip
    if as_json:
        print_json(result.scores)
    else:
        _tell(result)


def demo(
    out: Annotated[Path, typer.Option("-o", "--out", help="A folder.")] = Path("out"),
    emotion: EmotionOption = "joy:0.7+surprise:0.3",
    portrait: Annotated[str, typer.Option(help="portrait_1 to portrait_6.")] = "portrait_1",
    seed: SeedOption = 1,
    force: ForceOption = False,
    as_json: JsonOption = False,
) -> None:
    """Show what it does: a sentence, a portrait of nobody and an emotion; everything offline."""
    from genstudio.create import create as run

    with progress() as report:
        result = run(
            "I never thought I'd see you again.", emotion, out, portrait=portrait, prompt="a lake in the mountains",
            seed=seed, force=force, progress=report,
        )  # fmt: skip
    if as_json:
        print_json(result.scores)
    else:
        _tell(result)


def _tell(result: Any) -> None:
    from genstudio.cli.common import reading_line

    for path in result.files:
        print(path)
    for file, take, card in zip(result.files, result.takes, result.cards, strict=False):
        say(reading_line(take.reading) if take.reading is not None else f"{take.request.kind} not read: {take.note}")
        for row in card.rows:
            if row.verdict in ("look", "bad"):
                say(f"{file.name}: {row.line().strip()}")
    say(f"open {result.report} in a browser")


def replay(
    sidecar: Annotated[Path, typer.Argument(help="The .json beside an output (or the output itself).")],
    out: Annotated[
        Path | None, typer.Option("-o", "--out", help="Where to; NAME.replay.EXT beside it when not given.")
    ] = None,
    force: ForceOption = False,
    as_json: JsonOption = False,
) -> None:
    """Make again, to the bit, what a sidecar describes."""
    from genstudio.media.files import file_sha256
    from genstudio.sidecar import differences, read_sidecar
    from genstudio.studio import Studio
    from genstudio.take import check_output

    content = read_sidecar(sidecar)
    made = content["made"]
    original = sidecar.parent / made["file"]
    folder = original.is_dir()  # frames of a talking head
    target = out or original.with_name(
        f"{original.name}_replay" if folder else f"{original.stem}.replay{original.suffix}"
    )
    check_output(content.get("kind", ""), target, force)
    for difference in differences(content.get("environment", {})):
        say(f"warning: differs from when it was made: {difference}")
    with progress() as report:
        take = Studio(progress=report).replay(sidecar)
        take.save(target, force, lambda f: report("encode", f))
    same = file_sha256(target) == made.get("sha256")
    if as_json:
        print_json({"path": str(target), "identical": same})
    else:
        print(target)
        say("identical to the original" if same else "warning: not identical to the original")
