"""The command that makes portraits speak: animate."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from genstudio.cli.common import (
    AllowPickleOption,
    CardOption,
    ConsentOption,
    EmotionOption,
    EngineOption,
    FallbackOption,
    ForceOption,
    IntensityOption,
    JsonOption,
    LoadOption,
    SeedOption,
    TakesOption,
    VoiceOption,
    engine_of,
    finish,
    progress,
    record_consent,
)
from genstudio.errors import InputError


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(animate)


def animate(
    portrait: Annotated[str, typer.Argument(help="A photo of a face, or portrait_1 to portrait_6 (nobody's).")],
    out: Annotated[
        Path, typer.Option("-o", "--out", help="Where to: .mp4, .webm, or a folder for PNG frames and sound.wav.")
    ] = Path("head.mp4"),
    audio: Annotated[Path | None, typer.Option("--audio", help="A recording for it to speak.")] = None,
    text: Annotated[str | None, typer.Option("--text", help="A text for it to speak, by the embedded voice.")] = None,
    emotion: EmotionOption = None,
    intensity: IntensityOption = None,
    voice: VoiceOption = None,
    size: Annotated[
        int, typer.Option(help="Pixels, 64 to 1024: the square, or the longer side of the whole portrait.")
    ] = 256,
    fps: Annotated[float | None, typer.Option(help="Frames a second, 10 to 60 (25).")] = None,
    framing: Annotated[str | None, typer.Option(help="'square' around the head, or the 'original' portrait.")] = None,
    transparent: Annotated[
        bool, typer.Option("--transparent", help="The person without the background: .webm or PNG frames.")
    ] = False,
    face: Annotated[int | None, typer.Option(help="Which face of several, 0 the largest.")] = None,
    head_motion: Annotated[float | None, typer.Option(help="Head motion, 0 (still) to 3 (1).")] = None,
    blink: Annotated[float | None, typer.Option(help="Blink rate, 0 (none) to 4 (1).")] = None,
    emotion_guidance: Annotated[
        float | None, typer.Option(help="How firmly the face follows the emotion, 0 and up (1.6).")
    ] = None,
    drive: Annotated[
        Path | None, typer.Option("--drive", help="Move it by this video of a face, Live Link CSV or .npz motion.")
    ] = None,
    drive_parts: Annotated[
        str | None,
        typer.Option("--drive-parts", help="Of upper, head, gaze, mouth, all: what it moves (upper,head,gaze)."),
    ] = None,
    landmarks: Annotated[
        str | None,
        typer.Option("--landmarks", help="Who finds the face's points: embedded, face-alignment or face-alignment-3d."),
    ] = None,
    motion: Annotated[
        list[Path] | None,
        typer.Option("--motion", help="Also write the motion: .csv (Live Link Face), .npz or .glb. May be repeated."),
    ] = None,
    motion_csv: Annotated[Path | None, typer.Option("--motion-csv", hidden=True, help="As --motion FILE.csv.")] = None,
    engine: EngineOption = "embedded",
    load: LoadOption = None,
    fallback: FallbackOption = False,
    allow_pickle: AllowPickleOption = False,
    takes: TakesOption = 1,
    seed: SeedOption = None,
    consent: ConsentOption = False,
    card: CardOption = True,
    force: ForceOption = False,
    as_json: JsonOption = False,
) -> None:
    """Make a portrait speak with an emotion. Without -e the emotion is read from the voice.

    Examples: genstudio animate me.jpg --audio hello.wav -e sadness -o out.mp4 ·
    genstudio animate me.jpg --text "Come in!" -e joy --drive actor.mp4 --transparent -o frames
    """
    from genstudio.media.files import check_new
    from genstudio.media.video import SUFFIXES as VIDEO
    from genstudio.studio import Studio
    from genstudio.take import NOBODY, check_output

    if audio is None and text is None and drive is not None and drive.suffix.lower() in VIDEO:
        audio, drive_parts = drive, drive_parts or "all"  # the video says it itself
    if (audio is None) == (text is None):
        raise InputError("give either --audio RECORDING or --text TEXT (or --drive VIDEO with its own sound)")
    if voice is not None and text is None:
        raise InputError("--voice speaks a --text; a recording keeps its own voice")
    if transparent and out.suffix.lower() not in ("", ".webm"):
        raise InputError("a transparent background needs -o NAME.webm or a folder name for PNG frames")
    written = [*(motion or []), *([motion_csv] if motion_csv else [])]
    check_output("animate", out, force)
    for path in written:
        if path.suffix.lower() not in (".csv", ".npz", ".glb"):
            raise InputError(f"--motion writes .csv, .npz or .glb; got '{path.name}'")
        check_new(path, force)
    given = {
        "fps": fps, "framing": framing, "transparent": transparent or None, "face": face, "head_motion": head_motion,
        "blink": blink, "emotion_guidance": emotion_guidance, "drive": str(drive) if drive else None,
        "drive_parts": [p.strip() for p in drive_parts.split(",")] if drive_parts else None,
        "landmarks": landmarks,
    }  # fmt: skip
    options: dict[str, Any] = {k: v for k, v in given.items() if v is not None}
    own = Path(portrait).suffix != ""
    agreed = record_consent(consent, "an animated portrait") if own or drive is not None else NOBODY
    with progress() as report:
        studio = Studio(head=engine_of("head", engine, load, allow_pickle, fallback), progress=report)
        take = studio.animate(
            portrait, audio, emotion, text=text, intensity=intensity, voice=voice, size=size, seed=seed, takes=takes,
            **options,
        )  # fmt: skip
        take.record_consent(agreed)
        take.save(out, force, lambda f: report("encode", f))
        for path in written:
            studio.engine("head").export_motion(take.output.motion, path)  # type: ignore[union-attr]
    finish(take, out, as_json, card)
