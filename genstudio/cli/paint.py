"""The command that makes pictures: paint."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from genstudio.cli.common import (
    AllowPickleOption,
    EmotionOption,
    EngineOption,
    FallbackOption,
    ForceOption,
    IntensityOption,
    JsonOption,
    LoadOption,
    SeedOption,
    TakesOption,
    engine_of,
    finish,
    print_json,
    progress,
    take_row,
)
from genstudio.errors import InputError, MediaError

if TYPE_CHECKING:
    from genstudio.take import Take

MOST_PICTURES = 1000
_WAYS = {
    "paint": "a picture of a prompt", "vary": "--vary", "retouch": "--image", "grid": "--grid", "strip": "--to",
    "film": "a moving picture (-o NAME.mp4)",
}  # fmt: skip
_ONLY = {  # where an option has an effect; the others go everywhere
    "emotion": ("paint", "vary", "retouch", "strip", "film"), "intensity": ("paint", "vary", "retouch", "strip", "film"),
    "prompt": ("paint", "vary", "grid", "strip", "film"), "size": ("paint", "vary", "grid", "strip", "film"),
    "steps": ("paint", "vary", "grid", "strip", "film"), "text_guidance": ("paint", "vary", "grid", "strip", "film"),
    "emotion_guidance": ("paint", "vary", "grid", "strip", "film"),
    "negative": ("paint", "vary", "grid", "strip", "film"), "takes": ("paint", "vary", "retouch", "film"),
    "frames": ("strip",), "seconds": ("film",), "fps": ("film",), "strength": ("retouch",),
}  # fmt: skip


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(paint)


def paint(
    context: typer.Context,
    prompt: Annotated[str, typer.Argument(help="What to paint, such as 'a quiet lake'.")] = "",
    out: Annotated[
        Path, typer.Option("-o", "--out", help="Where to: .png, .jpg, .webp; .mp4 makes a moving picture.")
    ] = Path("image.png"),
    emotion: EmotionOption = None,
    intensity: IntensityOption = None,
    to: Annotated[
        str | None,
        typer.Option("--to", help="Pass into this emotion: a strip of --frames pictures, or an .mp4 of --seconds."),
    ] = None,
    size: Annotated[str, typer.Option(help="Pixels: 256, or 512x320 (64 to 2048).")] = "256",
    style: Annotated[str | None, typer.Option(help="oil, watercolour, gouache, ink or plain.")] = None,
    steps: Annotated[int | None, typer.Option(help="Denoising steps, 1 to 200 (10).")] = None,
    text_guidance: Annotated[
        float | None, typer.Option(help="How firmly the prompt is followed, 0 to 10 (1.6).")
    ] = None,
    emotion_guidance: Annotated[
        float | None, typer.Option(help="How firmly the emotion is followed, 0 to 10 (1.4).")
    ] = None,
    negative: Annotated[str | None, typer.Option("--negative", help="What to move away from.")] = None,
    count: Annotated[int, typer.Option("--count", "-n", help="So many pictures, each with the next seed.")] = 1,
    grid: Annotated[
        str | None, typer.Option("--grid", help="A sheet over the plane, such as 5x5: valence across, arousal up.")
    ] = None,
    frames: Annotated[int, typer.Option(help="Pictures of a strip made by --to.")] = 7,
    seconds: Annotated[float, typer.Option(help="Length of a moving picture (-o NAME.mp4), 0.1 to 60.")] = 4.0,
    fps: Annotated[float, typer.Option(help="Frames a second of a moving picture.")] = 12.0,
    vary: Annotated[
        Path | None, typer.Option("--vary", help="Another one from this picture (or its .json), see --keep.")
    ] = None,
    keep: Annotated[
        str, typer.Option("--keep", help="Of --vary or --scene: 'world' (new light), or 'light' (new world).")
    ] = "",
    photo: Annotated[
        Path | None, typer.Option("--image", help="Change the mood of this picture; what it shows stays.")
    ] = None,
    strength: Annotated[float | None, typer.Option(help="Of --image, 0 to 1.5 (1).")] = None,
    scene: Annotated[Path | None, typer.Option("--scene", help="Paint this scene file instead of a prompt.")] = None,
    save_scene: Annotated[
        Path | None, typer.Option("--save-scene", help="Also write the scene as JSON, to edit and paint again.")
    ] = None,
    engine: EngineOption = "embedded",
    enrich: Annotated[
        bool, typer.Option("--enrich", help="Of pretrained engines: also add words for light and colour to the prompt.")
    ] = False,
    load: LoadOption = None,
    fallback: FallbackOption = False,
    allow_pickle: AllowPickleOption = False,
    takes: TakesOption = 1,
    seed: SeedOption = None,
    force: ForceOption = False,
    as_json: JsonOption = False,
) -> None:
    """Paint a prompt with an emotion: one picture, several, a strip, a grid over the plane, or a moving picture.

    Examples: genstudio paint "a lake" -e valence=0.7,arousal=-0.3 -o lake.png ·
    genstudio paint "a lake" --grid 5x5 -o grid.png · genstudio paint "a lake" -e joy --to sadness -o turn.mp4 ·
    genstudio paint --vary lake.png --keep world -e fear -o night.png ·
    genstudio paint --image photo.jpg -e sadness -o sad.png ·
    genstudio paint "a lake" -e joy --engine diffusers:stabilityai/sdxl-turbo --steps 1 -o lake.png
    """
    from genstudio.media.files import check_new, write_text
    from genstudio.media.video import SUFFIXES as VIDEO
    from genstudio.studio import Studio
    from genstudio.take import check_output

    if not 1 <= count <= MOST_PICTURES:
        raise InputError(f"--count is 1 to {MOST_PICTURES}; got {count}")
    _one_way(grid=grid, to=to, vary=vary, image=photo, scene=scene, count=count if count > 1 else None)
    way = (
        "vary" if vary else "retouch" if photo else "grid" if grid else "film" if out.suffix.lower() in VIDEO
        else "strip" if to else "paint"
    )  # fmt: skip
    _with_effect(context, way)
    if save_scene is not None:
        if grid or to or out.suffix.lower() in VIDEO or count > 1:
            raise InputError("--save-scene goes with a single picture")
        check_new(save_scene, force)
    given = {
        "style": style, "steps": steps, "text_guidance": text_guidance, "emotion_guidance": emotion_guidance,
        "negative_prompt": negative, "enrich": enrich or None,
    }  # fmt: skip
    options: dict[str, Any] = {k: v for k, v in given.items() if v is not None}
    shape = parse_size(size)
    if scene is not None:
        options["scene"] = _scene(scene)
        prompt = prompt or str(options["scene"].get("subject", "a scene"))
        if keep:
            options["keep"] = keep
    elif keep and vary is None:
        raise InputError("--keep goes with --vary PICTURE or --scene FILE")
    outs = (
        [out]
        if count == 1
        else [out.with_name(f"{out.stem}_{i + 1:0{len(str(count))}d}{out.suffix}") for i in range(count)]
    )
    for path in outs:
        check_output({"grid": "sheet", "strip": "sheet", "vary": "paint"}.get(way, way), path, force)
    with progress() as report:
        studio = Studio(image=engine_of("image", engine, load, allow_pickle, fallback), progress=report)
        made: list[Take] = []
        for path in outs:
            if vary is not None:
                resized = {"size": shape} if size != "256" else {}
                take = studio.vary(
                    vary, keep or "world", emotion, prompt=prompt or None, seed=seed, takes=takes, intensity=intensity,
                    **options, **resized,
                )  # fmt: skip
            elif photo is not None:
                own = {k: v for k, v in (("style", style), ("strength", strength)) if v is not None}
                take = studio.retouch(photo, emotion, intensity=intensity, seed=seed, takes=takes, **own)
            elif grid is not None:
                take = studio.grid(prompt, parse_size(grid, "a grid; write 5x5"), size=shape, seed=seed, **options)
            elif way == "film":
                take = studio.film(
                    prompt, emotion, to=to, intensity=intensity, size=shape, seconds=seconds, fps=fps, seed=seed,
                    takes=takes, **options,
                )  # fmt: skip
            elif to is not None:
                take = studio.strip(
                    prompt, emotion or "neutral", to, frames, intensity=intensity, size=shape, seed=seed, **options
                )
            else:
                take = studio.paint(prompt, emotion, intensity=intensity, size=shape, seed=seed, takes=takes, **options)
            take.save(path, force)
            if save_scene is not None:
                write_text(save_scene, json.dumps(dict(take.output.scene or {}), indent=1) + "\n")  # type: ignore[union-attr]
            made.append(take)
            seed = int(take.request.call["seed"]) + takes
    if count == 1:
        finish(made[0], outs[0], as_json)
    elif as_json:
        print_json([take_row(t, p) for t, p in zip(made, outs, strict=True)])
    else:
        for take, path in zip(made, outs, strict=True):
            finish(take, path, False)


def _one_way(**ways: Any) -> None:
    """At most one of the ways to make something else than one picture. Raises InputError."""
    asked = [f"--{k}" for k, v in ways.items() if v is not None]
    if len(asked) > 1:
        raise InputError(f"{' and '.join(asked)} do not go together; give one of them")


def _with_effect(context: typer.Context, way: str) -> None:
    """No option that does nothing in this way of painting. Raises InputError."""
    for name, ways in _ONLY.items():
        source = context.get_parameter_source(name)
        if way not in ways and source is not None and source.name == "COMMANDLINE" and context.params[name] != "":
            shown = name if name == "prompt" else f"--{name.replace('_', '-')}"
            raise InputError(
                f"{shown} has no effect with {_WAYS[way]}; it goes with {', '.join(_WAYS[w] for w in ways)}"
            )


def _scene(path: Path) -> dict[str, Any]:
    from genstudio.media.text import read_text

    if not path.is_file():
        raise InputError(f"there is no scene file '{path}'; write one with --save-scene")
    try:
        content = json.loads(read_text(path))
    except (json.JSONDecodeError, MediaError) as error:
        raise InputError(f"'{path.name}' is not a scene: {error}") from None
    if not isinstance(content, dict):
        raise InputError(f"'{path.name}' is not a scene: it must be a JSON object")
    return content


def parse_size(size: str, what: str = "a size; write 256 or 512x320") -> tuple[int, int]:
    """'256' or '512x320' to (width, height). Raises InputError, which says that it is not `what`."""
    match = re.fullmatch(r"(\d+)(?:\s*[x×]\s*(\d+))?", size.strip())
    if match is None:
        raise InputError(f"'{size}' is not {what}")
    width = int(match[1])
    return width, int(match[2]) if match[2] else width
