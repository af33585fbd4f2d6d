"""The command that makes pictures: paint."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from genstudio.cli.common import (
    EmotionOption,
    ForceOption,
    IntensityOption,
    JsonOption,
    SeedOption,
    TakesOption,
    finish,
    progress,
)
from genstudio.errors import InputError


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(paint)


def paint(
    prompt: Annotated[str, typer.Argument(help="What to paint, such as 'a quiet lake'.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="Where to: .png, .jpg or .webp.")] = Path("image.png"),
    emotion: EmotionOption = None,
    intensity: IntensityOption = None,
    size: Annotated[str, typer.Option(help="Pixels: 256, or 512x320 (64 to 2048).")] = "256",
    style: Annotated[str | None, typer.Option(help="How it is painted, such as oil or watercolour.")] = None,
    steps: Annotated[int | None, typer.Option(help="Denoising steps.")] = None,
    takes: TakesOption = 1,
    seed: SeedOption = None,
    force: ForceOption = False,
    as_json: JsonOption = False,
) -> None:
    """Paint a prompt with an emotion.

    Example: genstudio paint "a lake" -e valence=0.7,arousal=-0.3 -o lake.png
    """
    from genstudio.media.files import check_new
    from genstudio.studio import Studio

    check_new(out, force)
    options = {k: v for k, v in (("style", style), ("steps", steps)) if v is not None}
    with progress() as report:
        take = Studio(progress=report).paint(
            prompt, emotion, intensity=intensity, size=parse_size(size), seed=seed, takes=takes, **options
        )
        take.save(out, force)
    finish(take, out, as_json)


def parse_size(size: str) -> tuple[int, int]:
    """'256' or '512x320' to (width, height). Raises InputError."""
    match = re.fullmatch(r"(\d+)(?:\s*[x×]\s*(\d+))?", size.strip())
    if match is None:
        raise InputError(f"'{size}' is no size; write 256 or 512x320")
    width = int(match[1])
    return width, int(match[2]) if match[2] else width
