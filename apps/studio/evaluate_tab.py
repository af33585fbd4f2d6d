"""Tab: read the emotion of any file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

from genstudio.emotion import Emotion
from genstudio.errors import InputError
from genstudio.scoring import MODALITIES, evaluate_file

from . import outcome
from .control import EmotionControl
from .plane import draw


def build(control: EmotionControl, history: Path) -> None:
    """Lay out the tab."""
    file = gr.File(label="a picture, face, recording, video or .txt", type="filepath", elem_id="evaluate-file")
    with gr.Row():
        targeted = gr.Checkbox(True, label="Compare with the emotion asked for", elem_id="evaluate-target")
        modality = gr.Dropdown(["found from the file", *MODALITIES], value="found from the file", label="Read as")
    go = gr.Button("Evaluate", variant="primary", elem_id="evaluate-go")
    gr.Markdown("*This reads what is expressed, with the error rate shown; it does not tell what a real person feels.*")
    with gr.Row():
        plane = gr.Image(
            label="ring: requested · dots: read", interactive=False, buttons=[], height=320, format="png", min_width=320
        )
        with gr.Column(scale=2, min_width=320):
            table = gr.Markdown(elem_id="evaluate-readings", elem_classes="readings")
    details = gr.JSON(label="details")

    def run(expression: str, intensity: float, file: str | None, targeted: bool, modality: str) -> tuple[Any, ...]:
        with outcome.plain_errors():
            if file is None:
                raise InputError("choose a file first")
            target = Emotion.parse(expression, intensity) if targeted else None
            readings = evaluate_file(Path(file), target, modality if modality in MODALITIES else None)
            details = {
                r.modality: {"categories": {k: round(w, 4) for k, w in r.categories.items()}, **r.details}
                for r in readings
            }
            return draw(target, readings), outcome.table(target, readings), details

    go.click(run, [*control.inputs, file, targeted, modality], [plane, table, details])
