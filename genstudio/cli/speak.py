"""The command that speaks: speak."""

from __future__ import annotations

import sys
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
    print_json,
    progress,
    record_consent,
)
from genstudio.errors import InputError


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(speak)


def speak(
    text: Annotated[
        str,
        typer.Argument(
            help="What to say; '-' reads it from stdin. [fear:0.8] changes the emotion; "
            "[laugh] [sigh] [gasp] [sob] [groan] are sounds of the voice."
        ),
    ] = "",
    out: Annotated[Path, typer.Option("-o", "--out", help="Where to: .wav, .flac or .ogg.")] = Path("speech.wav"),
    emotion: EmotionOption = None,
    intensity: IntensityOption = None,
    voice: VoiceOption = None,
    recording: Annotated[
        Path | None,
        typer.Option("--from", help="Give this recording of anyone the emotion instead; speaker and words stay."),
    ] = None,
    strength: Annotated[
        float | None, typer.Option(help="Of --from and pretrained voices: how far it is moved, 0 to 2 (1).")
    ] = None,
    reference: Annotated[
        Path | None, typer.Option("--reference", help="Of a pretrained voice that clones: the recording to speak like.")
    ] = None,
    lever: Annotated[
        str | None,
        typer.Option(help="Of pretrained voices: reference, directions, settings, after, joined by '+', or none."),
    ] = None,
    engine: EngineOption = "embedded",
    load: LoadOption = None,
    fallback: FallbackOption = False,
    allow_pickle: AllowPickleOption = False,
    takes: TakesOption = 1,
    rate: Annotated[float, typer.Option(help="Speaking rate, 0.5 to 2.")] = 1.0,
    pitch: Annotated[float, typer.Option(help="Pitch multiplier, 0.5 to 2.")] = 1.0,
    pause: Annotated[float, typer.Option(help="Pause multiplier, 0 to 4.")] = 1.0,
    timings: Annotated[
        Path | None, typer.Option("--timings", help="Also write when each word is said: .json (phones too) or .vtt.")
    ] = None,
    seed: SeedOption = None,
    consent: ConsentOption = False,
    card: CardOption = True,
    force: ForceOption = False,
    as_json: JsonOption = False,
) -> None:
    """Speak a text with an emotion.

    SSML's break, emphasis and prosody are understood: `Wait <break time="400ms"/> <emphasis level="strong">you</emphasis>!`

    Examples: genstudio speak "I never thought I'd see you again." -e joy:0.7+surprise:0.3 -o out.wav ·
    genstudio speak "I was sure. [fear] Then the door opened. [gasp]" -o out.wav --timings out.vtt
    """
    from genstudio.media.files import check_new
    from genstudio.media.timings import SUFFIXES, write_timings
    from genstudio.studio import Studio
    from genstudio.take import check_output

    if voice == "list":
        _list(as_json)
        return
    if recording is not None:
        if text or voice or timings or reference or lever or (rate, pitch, pause) != (1.0, 1.0, 1.0):
            raise InputError(
                "--from keeps the words, the voice and the time of the recording: "
                "leave the text, --voice, --reference, --lever, --rate, --pitch, --pause and --timings out"
            )
        check_output("convert", out, force)
        agreed = record_consent(consent, "a voice changed")
        with progress() as report:
            studio = Studio(speech=engine_of("speech", engine, load, allow_pickle, fallback), progress=report)
            take = studio.convert(recording, emotion, intensity=intensity, strength=strength, seed=seed, takes=takes)
            take.record_consent(agreed)
            take.save(out, force)
        finish(take, out, as_json, card)
        return
    if engine == "embedded" and (strength is not None or reference is not None or lever is not None):
        raise InputError(
            "--strength, --reference and --lever belong to pretrained voices (--strength also to --from); "
            "--intensity scales the emotion of the embedded voice"
        )
    said = _typed() if text == "-" else text
    check_output("speak", out, force)
    if timings is not None:
        if timings.suffix.lower() not in SUFFIXES:
            raise InputError(f"--timings writes {' or '.join(SUFFIXES)}; got '{timings.name}'")
        check_new(timings, force)
    agreed = record_consent(consent, "a voice cloned") if reference is not None else ""
    with progress() as report:
        studio = Studio(speech=engine_of("speech", engine, load, allow_pickle, fallback), progress=report)
        options: dict[str, Any] = {
            k: v for k, v in (("reference", reference), ("lever", lever), ("strength", strength)) if v is not None
        }
        for key, value in (("rate", rate), ("pitch", pitch), ("pause", pause)):
            if value != 1.0:
                options[key] = value
        take = studio.speak(said, emotion, intensity=intensity, voice=voice, seed=seed, takes=takes, **options)
        if agreed:
            take.record_consent(agreed)
        take.save(out, force)
        if timings is not None:
            write_timings(timings, take.output)  # type: ignore[arg-type]
    finish(take, out, as_json, card)


def _typed() -> str:
    """What standard input says, in whichever Unicode it is piped."""
    from genstudio.media.text import decoded

    buffer = getattr(sys.stdin, "buffer", None)
    return sys.stdin.read() if buffer is None else decoded(buffer.read(), "what stands on stdin")


def _list(as_json: bool) -> None:
    from genstudio.studio import Studio

    rows = [dict(v) for v in Studio().voices()]
    if as_json:
        print_json(rows)
        return
    for v in rows:
        print(f"{v['name']:<12} {v['language']:<6} {v.get('description', '')}")
