"""The command that reads emotion along time: timeline."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Annotated

import typer

from genstudio.cli.common import JsonOption, print_json, say
from genstudio.errors import InputError


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(timeline)


def timeline(
    file: Annotated[Path, typer.Argument(help="A recording, or a video of a talking face.")],
    curve: Annotated[
        str | None,
        typer.Option("--curve", help="What was meant, such as 'fear@0,joy@2.5' (seconds); else the sidecar's."),
    ] = None,
    out: Annotated[Path | None, typer.Option("-o", "--out", help="Write .html (to look at), .json or .csv.")] = None,
    as_json: JsonOption = False,
    force: Annotated[bool, typer.Option("--force", "-f", help="Replace an existing output.")] = False,
) -> None:
    """Which emotion appears when, in voice and face, and how far from what was meant (EDER).

    Examples: genstudio timeline out.wav · genstudio timeline head.mp4 --curve "sadness@0,joy@3" -o timeline.html
    """
    from genstudio import registry
    from genstudio.media.files import check_new, write_text

    if out is not None:
        check_new(out, force)
        if out.suffix.lower() not in (".html", ".json", ".csv"):
            raise InputError(f"a timeline is written as .html, .json or .csv; got '{out.name}'")
    asked = parse_curve(curve) if curve else sidecar_curve(file)
    found = registry.load("tool:timeline")(file, asked)
    if out is not None:
        if out.suffix.lower() == ".html":
            write_text(out, registry.load("tool:timeline-page")(found, file.name))
        elif out.suffix.lower() == ".csv":
            write_text(out, _csv(found))
        else:
            import json

            write_text(out, json.dumps(found.as_dict(), indent=1) + "\n")
    if as_json:
        print_json(found.as_dict())
        return
    for s in found.segments:
        print(f"{s.start:7.2f} {s.end:7.2f}  {s.emotion:<9} {s.certainty:.2f}")
    for note in found.notes:
        say(note)
    if found.errors is not None:
        say(
            f"emotion diarization error rate {found.errors.rate:.2f} (by chance {found.chance:.2f}) against what was meant"
        )
    if out is not None:
        say(f"wrote {out}")


def parse_curve(text: str):  # type: ignore[no-untyped-def]
    """'fear@0,joy@2.5' to an EmotionCurve that holds each emotion. Raises InputError."""
    from genstudio.emotion import Emotion, EmotionCurve

    times, emotions = [], []
    for part in text.split(","):
        name, mark, at = part.strip().rpartition("@")
        try:
            times.append(float(at))
        except ValueError:
            mark = ""
        if not mark:
            raise InputError(
                f"'{part.strip()}' is no point of a curve; write EMOTION@SECONDS, such as 'fear@0,joy@2.5'"
            )
        emotions.append(Emotion.parse(name))
    return EmotionCurve(tuple(times), tuple(emotions), "hold")


def sidecar_curve(file: Path):  # type: ignore[no-untyped-def]
    """What the sidecar beside a file says was asked, over seconds; None without one."""
    from genstudio.emotion import Emotion, EmotionCurve
    from genstudio.sidecar import read_sidecar, sidecar_path

    if not sidecar_path(file).is_file():
        return None
    content = read_sidecar(file)
    curve = content.get("made", {}).get("curve")
    if curve is not None:
        return EmotionCurve.from_dict(curve)
    asked = content["request"].get("emotion")
    if asked is None or "times" in asked:
        return None
    return EmotionCurve.constant(Emotion.from_dict(asked))


def _csv(found) -> str:  # type: ignore[no-untyped-def]
    from genstudio.emotion import EKMAN

    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["time", *EKMAN, "valence", "arousal", "dominance"])
    for t, p, vad in zip(found.times, found.fused, found.vad(), strict=True):
        writer.writerow([f"{t:.2f}", *(f"{x:.4f}" for x in p), *(f"{x:.4f}" for x in vad)])
    return text.getvalue()
