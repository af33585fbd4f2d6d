"""Commands that read: evaluate, emotion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from genstudio.cli.common import JsonOption, print_json, progress, reading_line, say

if TYPE_CHECKING:
    from genstudio.emotion import Emotion
    from genstudio.protocols import Reading

NOTICE = "note: this reads what is expressed, with the error rate shown; it does not tell what a real person feels"
PEOPLE = ("face", "speech", "face and voice")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(evaluate)
    app.command(context_settings={"ignore_unknown_options": True})(emotion)


def evaluate(
    files: Annotated[list[Path], typer.Argument(help="Pictures, faces, recordings, videos, .txt; or one folder.")],
    target: Annotated[str | None, typer.Option("--target", "-t", help="The emotion it was meant to have.")] = None,
    modality: Annotated[str | None, typer.Option("--as", help="Read as face, image, speech or text.")] = None,
    recogniser: Annotated[
        str | None,
        typer.Option(
            help="One of others: transformers:FOLDER-OR-HUB-ID or clip:…, '#face' at its end for faces; or fusion:FOLDER."
        ),
    ] = None,
    labels: Annotated[Path | None, typer.Option(help='JSON: what its labels mean, {"LABEL_0": "joy"}.')] = None,
    allow_pickle: Annotated[bool, typer.Option("--allow-pickle", help="Also load weights that can run code.")] = False,
    suite: Annotated[
        str | None, typer.Option("--suite", help="Of a folder: talking-head, speech, image, face, text or all.")
    ] = None,
    targets: Annotated[
        Path | None, typer.Option("--targets", help="Of a folder: a CSV of file, emotion[, reference, cluster].")
    ] = None,
    layout: Annotated[
        str, typer.Option("--layout", help="Of a folder: a data set's name ('genstudio data list'), or auto.")
    ] = "auto",
    split: Annotated[str, typer.Option("--split", help="Of a data set: this split alone.")] = "",
    limit: Annotated[int | None, typer.Option("--limit", help="Of a folder: so many items, evenly over it.")] = None,
    out: Annotated[
        Path | None,
        typer.Option("-o", "--out", help="Of a folder: where results.parquet, summary.json, report.html go."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Read the emotion of files back, beside each recogniser's ceiling. One bad file does not stop the others.

    A folder is scored as a whole, by any tool's outputs: what was read before is not read again.

    Examples: genstudio evaluate out.wav --target joy ·
    genstudio evaluate outputs/ --suite speech --targets targets.csv -o results/
    """
    from genstudio import registry
    from genstudio.emotion import Emotion
    from genstudio.errors import GenstudioError, InputError
    from genstudio.scoring import MODALITIES, evaluate_file, kind_of
    from genstudio.sidecar import reading_dict

    if modality is not None and modality not in MODALITIES:
        raise InputError(f"unknown modality '{modality}'; valid: {', '.join(MODALITIES)}")
    wanted = Emotion.parse(target) if target is not None else None
    reader = None
    if recogniser is not None:
        reader = registry.load("tool:pretrained")(recogniser, modality, labels=labels, allow_pickle=allow_pickle)
    elif labels is not None:
        raise InputError("--labels says what the labels of a --recogniser mean; give that too")
    if len(files) == 1 and files[0].is_dir():
        if modality is not None and reader is None:
            raise InputError("--as goes with files; of a folder, --suite says how it is read")
        _folder(files[0], suite or "all", targets, layout, split, limit, out, reader, wanted, as_json)
        return
    if any(file.is_dir() for file in files):
        raise InputError("a folder is evaluated alone; give it as the one argument, or files")
    if suite or targets or out or split or limit is not None or layout != "auto":
        raise InputError(
            "--suite, --targets, --layout, --split, --limit and -o go with one folder; give that instead of files"
        )
    rows: list[dict[str, Any]] = []
    failed: list[GenstudioError] = []
    with progress() as report:
        for i, file in enumerate(files):
            try:
                readings = evaluate_file(file, wanted, modality, reader)
            except GenstudioError as error:
                failed.append(error)
                rows.append({"path": str(file), "error": str(error)})
                say(f"error: {error}")
                continue
            finally:
                report("evaluate", (i + 1) / len(files))
            if reader is None and modality is None and kind_of(file) == "video":
                readings = [_with_video(file, readings, as_json), *readings[1:]]
            for reading in readings:
                rows.append({"path": str(file), **(reading_dict(reading) or {})})
                for warning in reading.details.get("warnings") or ():
                    say(f"warning: {warning}")
                if not as_json:
                    print(f"{file}: {reading_line(reading)}")
    if as_json:
        print_json(rows)
    if any(row.get("modality") in PEOPLE for row in rows):
        say(NOTICE)
    if failed:
        raise typer.Exit(failed[0].exit_code if len(files) == 1 else 1)


def _with_video(file: Path, readings: Sequence[Reading], measured: bool) -> Reading:
    """The first reading with `agreement` of face, voice and text in its details, and `video` (blinks, motion, frames) if asked."""
    from genstudio import registry
    from genstudio.scoring import agreement_in

    agreed = agreement_in(file, readings)
    for warning in agreed["warnings"] if agreed else ():
        say(f"warning: {file.name}: {warning}")
    more: dict[str, Any] = {"agreement": agreed}
    if measured:
        more["video"] = registry.load("tool:video-measures")(file)
    return replace(readings[0], details={**readings[0].details, **more})


def _folder(
    folder: Path, suite: str, targets: Path | None, layout: str, split: str, limit: int | None, out: Path | None, reader: Any,
    target: Emotion | None, as_json: bool,
) -> None:  # fmt: skip
    from genstudio import registry

    with progress() as report:
        found = registry.load("tool:suites")(
            folder, out, suite=suite, targets=targets, layout=layout, recogniser=reader, split=split, limit=limit,
            target=target, progress=report,
        )  # fmt: skip
    rows = found.pop("rows")
    if as_json:
        print_json(found)
    else:
        for r in found["results"]:
            print(_result_line(r))
    for problem in found["errors"][:20]:
        say(f"error: {problem['path']}: {problem['error']}")
    if found["left_out"]:
        shown = ", ".join(found["left_out"][:5]) + (", …" if len(found["left_out"]) > 5 else "")
        say(f"warning: {len(found['left_out'])} files of no known kind were left out: {shown}")
    say(
        f"{found['read']} readings of {found['items']} items, {found['failed']} not read"
        + (f"; open {out}/report.html" if out else "")
    )
    if any(r.get("modality") in PEOPLE for r in rows):
        say(NOTICE)
    if found["failed"]:
        raise typer.Exit(1)


def _result_line(r: dict[str, Any]) -> str:
    parts = [f"{r['modality']}: {r['count']} readings by {r['recogniser']}"]
    c = r["categories"]
    if c:
        low, high = c["uar"]["interval"]
        parts.append(f"UAR {c['uar']['value']:.2f} ({low:.2f} to {high:.2f}), chance {c['chance']:.2f}")
        if c["share_of_ceiling"] is not None:
            parts.append(f"{c['share_of_ceiling']:.2f} of its ceiling {r['ceiling']['value']:.2f}")
    for axis, x in r["axes"].items():
        if x:
            parts.append(f"{axis} Spearman {x['spearman']['value']:.2f}")
    if "distance" in r:
        parts.append(f"distance {r['distance']['value']:.2f}")
    if "wer" in r:
        parts.append(f"WER {r['wer']['value']:.2f}")
    return "; ".join(parts)


def emotion(
    expression: Annotated[str, typer.Argument(help="Any expression, such as joy:0.7+surprise:0.3 or -joy.")],
    as_json: JsonOption = False,
    intensity: Annotated[float | None, typer.Option("--intensity", help="Scale from neutral, 0 to 1.5.")] = None,
) -> None:
    """Show how an emotion expression is understood."""
    from genstudio.emotion import TAXONOMIES, Emotion

    e = Emotion.parse(expression, intensity)
    taxonomies = {
        name: {k: round(w, 4) for k, w in e.convert(name).items() if w >= 0.005}
        for name in TAXONOMIES
        if name != "dyads"
    }
    if as_json:
        print_json({"expression": expression, **e.to_dict(), "nearest": e.nearest(5), "taxonomies": taxonomies})
        return
    print(f"valence   {e.valence:+.2f}   (-1 unpleasant … 1 pleasant)")
    print(f"arousal   {e.arousal:+.2f}   (-1 calm … 1 excited)")
    print(
        f"dominance {e.dominance:+.2f}   (-1 powerless … 1 in control)" + ("  inferred" if e.dominance_inferred else "")
    )
    print(f"intensity  {e.intensity:.2f}")
    print("is        " + ", ".join(f"{k} {w:.2f}" for k, w in e.categories.items()))
    print("near      " + ", ".join(e.nearest(5)))
    for name, members in taxonomies.items():
        print(f"{name:<10} " + ", ".join(f"{k} {w:.2f}" for k, w in sorted(members.items(), key=lambda kv: -kv[1])[:4]))
