"""Tab: all three at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

from genstudio.create import create

from . import outcome
from .control import EmotionControl
from .head_tab import portrait_choice
from .speak_tab import EXAMPLE


def build(control: EmotionControl, history: Path) -> None:
    """Lay out the tab."""
    with gr.Row():
        text = gr.Textbox(EXAMPLE, label="Sentence", elem_id="create-text")
        prompt = gr.Textbox("a lake in the mountains", label="Prompt of the picture", elem_id="create-prompt")
    _, _, portrait = portrait_choice("create")
    with gr.Row():
        consent = gr.Checkbox(False, label=outcome.CONSENT, elem_id="create-consent", min_width=240)
        seed = outcome.seed_field("create")
    go, stop = outcome.buttons("create", "Create")
    with gr.Row():
        picture = gr.Image(
            label="Picture", interactive=False, elem_id="create-image", type="filepath", format="png", height=420,
            buttons=["download", "fullscreen"],
        )  # fmt: skip
        video = gr.Video(
            label="Talking head", interactive=False, elem_id="create-video", height=420, buttons=["download"]
        )
    audio = gr.Audio(label="Voice", interactive=False, elem_id="create-audio", type="filepath", buttons=["download"])
    out = outcome.build("create")

    def run(
        expression: str, intensity: float, text: str, prompt: str, portrait: str, consent: bool, seed: float | None,
        request: gr.Request, bar: gr.Progress = gr.Progress(),  # noqa: B008
    ) -> tuple[Any, ...]:  # fmt: skip
        with outcome.plain_errors():
            if Path(portrait).suffix:
                outcome.agreed(consent)
            told = outcome.progress_of(bar, request, "create")
            folder = outcome.new_folder(history, "create")
            try:
                made = create(
                    text, expression, folder, portrait=portrait, prompt=prompt, intensity=intensity,
                    seed=outcome.parsed_seed(seed), consent="given" if consent else "not stated", progress=told,
                )  # fmt: skip
            except BaseException:
                folder.rmdir()  # nothing was made
                raise
            speech, head, image = made.files[:3]
            files = [*outcome.with_sidecars(speech, head, image), *made.files[3:]]
            return str(image), str(head), str(speech), *outcome.shown(made.takes, files)

    outcome.begins(
        "create", go, stop, [text, prompt], run,
        [*control.inputs, text, prompt, portrait, consent, seed], [picture, video, audio, *out.outputs],
    )  # fmt: skip
