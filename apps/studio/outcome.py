"""What every tab shows of what it made: the readings beside the request, on the plane, and the files to take away."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr
from PIL import Image

from genstudio.emotion import Emotion
from genstudio.errors import GenstudioError, InputError
from genstudio.protocols import Reading
from genstudio.sidecar import sidecar_path
from genstudio.take import Take

from .plane import draw

CONSENT = "Whoever is shown or heard agreed to it"


@dataclass(frozen=True)
class Outcome:
    """The components that show an outcome."""

    plane: gr.Image
    table: gr.Markdown
    files: gr.File

    @property
    def outputs(self) -> list[Any]:
        """For event listeners, in the order `shown` returns."""
        return [self.plane, self.table, self.files]


def build(name: str) -> Outcome:
    """Lay out in the current column; `name` makes the elements' ids."""
    with gr.Row():
        plane = gr.Image(
            label="ring: requested · dots: read",
            interactive=False,
            buttons=[],
            elem_id=f"{name}-plane",
            height=320,
            format="png",
        )
        with gr.Column(scale=2):
            table = gr.Markdown("*Nothing made yet.*", elem_id=f"{name}-readings", elem_classes="readings")
            files = gr.File(
                label="files and sidecars", file_count="multiple", elem_id=f"{name}-files", interactive=False
            )
    return Outcome(plane, table, files)


def shown(takes: Sequence[Take], files: Sequence[Path]) -> tuple[Image.Image, str, list[str]]:
    """Values for `Outcome.outputs`."""
    readings = [t.reading for t in takes if t.reading is not None]
    lines = [table(takes[0].emotion, readings)] + [f"*{t.request.kind}: {t.note}*" for t in takes if t.note]
    seed = takes[0].request.call["seed"]
    kept = [c["seed"] for t in takes for c in t.candidates if c["kept"]]
    lines.append(f"seed **{kept[0] if kept else seed}**" + (f", best of {len(takes[0].candidates)}" if kept else ""))
    for take in takes:
        understood = take.output.info.get("understood")
        if isinstance(understood, dict) and understood.get("note"):
            lines.append(f"*{understood['note']}*")
    return draw(takes[0].emotion, readings), "\n\n".join(lines), [str(f) for f in files]


def table(requested: Emotion | None, readings: Sequence[Reading]) -> str:
    """Markdown: requested and read VAD, category, distance, and the recogniser's ceiling."""

    def number(x: float | None) -> str:
        return "–" if x is None else f"{x:+.2f}"

    rows = ["| | V | A | D | category | distance |", "|---|---|---|---|---|---|"]
    if requested is not None:
        rows.append(f"| **requested** | {' | '.join(number(x) for x in requested.vad)} | {requested.top} | |")
    for r in readings:
        top = f"{r.top} {r.categories[r.top]:.2f}" if r.top else "–"
        distance = "–" if r.distance is None else f"{r.distance:.2f}"
        axes = " | ".join(number(x) for x in (r.valence, r.arousal, r.dominance))
        rows.append(f"| **{r.modality}** | {axes} | {top} | {distance} |")
    notes = [f"{r.modality}: {r.recogniser}, {r.ceiling}" for r in readings]
    return "\n".join(rows) + "\n\n" + "  \n".join(f"<small>{n}</small>" for n in notes)


def new_folder(history: Path, kind: str) -> Path:
    """A folder of its own for every take: nothing is ever overwritten."""
    stamp = time.strftime("%Y%m%d-%H%M%S")
    for n in range(1000):
        folder = history / f"{stamp}-{kind}{f'-{n}' if n else ''}"
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            continue
        return folder
    raise GenstudioError(f"'{history}' holds too many takes of this second")


def with_sidecars(*files: Path) -> list[Path]:
    """Each file followed by its sidecar."""
    return [p for f in files for p in (f, sidecar_path(f))]


def agreed(ticked: bool) -> None:
    """Raises InputError unless it was said that the people shown or heard agreed."""
    if not ticked:
        raise InputError(f"tick '{CONSENT}' first")


@contextmanager
def plain_errors() -> Iterator[None]:
    """Errors of genstudio become a message on the page, without a traceback."""
    try:
        yield
    except GenstudioError as error:
        raise gr.Error(escape(str(error), quote=False), duration=20, print_exception=False) from None


def pictures_only(picture: gr.Image) -> gr.Image:
    """The field, with one line for a file that is no picture."""
    read = picture.preprocess

    def preprocess(payload: Any) -> Any:
        try:
            return read(payload)
        except Exception:  # whatever Pillow finds in it
            raise gr.Error(
                "this is no picture that can be read; give a PNG, JPEG or WebP", print_exception=False
            ) from None

    picture.preprocess = preprocess  # type: ignore[method-assign]
    return picture


_stopped: set[tuple[str | None, str]] = set()  # session and tab whose running request was told to stop


def buttons(name: str, label: str) -> tuple[gr.Button, gr.Button]:
    """The button that begins, and the one that stops what was begun."""
    with gr.Row():
        go = gr.Button(label, variant="primary", elem_id=f"{name}-go", scale=5)
        stop = gr.Button("Stop", elem_id=f"{name}-stop", scale=1, min_width=80)
    return go, stop


def begins(
    name: str, go: gr.Button, stop: gr.Button, entered: Sequence[gr.Textbox], run: Callable[..., Any], inputs: list[Any],
    outputs: list[Any],
) -> None:  # fmt: skip
    """In the tab `name`: `run` when `go` is pressed, or Enter in one of the fields `entered`; `stop` takes it from the queue, or
    ends it at its next sign of progress."""
    event = gr.on([go.click, *(field.submit for field in entered)], run, inputs, outputs, trigger_mode="once")

    def halt(request: gr.Request) -> None:
        _stopped.add((request.session_hash, name))
        gr.Info("Stopped.", duration=3)

    stop.click(halt, cancels=[event], queue=False, show_progress="hidden")


def progress_of(bar: gr.Progress, request: gr.Request, name: str) -> Callable[[str, float], None]:
    """Studio progress on a Gradio bar; it raises once the session that asked has pressed Stop in the tab `name`."""
    asked = (request.session_hash, name)
    _stopped.discard(asked)

    def told(stage: str, fraction: float) -> None:
        if asked in _stopped:
            raise gr.Error("stopped", print_exception=False)
        bar(fraction, desc=stage)

    return told


def parsed_seed(text: float | None) -> int | None:
    """A negative (or empty) seed field draws one."""
    return None if text is None or text < 0 else int(text)


def seed_field(name: str) -> gr.Number:
    """The seed field every tab has."""
    return gr.Number(-1, label="Seed (-1: drawn)", precision=0, elem_id=f"{name}-seed")
