"""Tab: paint a prompt."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

from genstudio.studio import Studio

from . import outcome
from .control import EmotionControl


def build(control: EmotionControl, history: Path) -> None:
    """Lay out the tab."""
    prompt = gr.Textbox("a lake in the mountains", label="Prompt", elem_id="paint-prompt")
    with gr.Row():
        width = gr.Slider(128, 1024, 384, step=32, label="Width")
        height = gr.Slider(128, 1024, 384, step=32, label="Height")
        takes = gr.Slider(1, 10, 1, step=1, label="Takes (the best is kept)")
        seed = outcome.seed_field("paint")
    go = gr.Button("Paint", variant="primary", elem_id="paint-go")
    picture = gr.Image(label="Picture", interactive=False, elem_id="paint-image", type="filepath", format="png")
    out = outcome.build("paint")

    def run(
        expression: str, intensity: float, prompt: str, width: int, height: int, takes: int, seed: float | None,
        bar: gr.Progress = gr.Progress(),  # noqa: B008
    ) -> tuple[Any, ...]:  # fmt: skip
        with outcome.plain_errors():
            take = Studio(progress=outcome.progress_of(bar)).paint(
                prompt, expression, intensity=intensity, size=(int(width), int(height)), takes=int(takes),
                seed=outcome.parsed_seed(seed),
            )  # fmt: skip
            file = take.save(outcome.new_folder(history, "paint") / "image.png")
            return str(file), *outcome.shown([take], outcome.with_sidecars(file))

    go.click(run, [*control.inputs, prompt, width, height, takes, seed], [picture, *out.outputs])
