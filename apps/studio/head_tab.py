"""Tab: make a portrait speak."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

from genstudio.errors import InputError
from genstudio.studio import Studio

from . import outcome
from .control import EmotionControl
from .speak_tab import EXAMPLE


def portrait_choice(name: str) -> tuple[gr.Gallery, gr.Image, gr.State]:
    """The demo's portraits to click and a field for one's own; the state holds the chosen path or name."""
    portraits = Studio().portraits()
    chosen = gr.State(next(iter(portraits)))
    with gr.Row():
        gallery = gr.Gallery(
            [(str(p), n) for n, p in portraits.items()], label="portraits of nobody", columns=6, height=150, allow_preview=False,
            elem_id=f"{name}-portraits", buttons=[],
        )  # fmt: skip
        own = gr.Image(
            label="or your own", type="filepath", sources=["upload", "webcam"], height=150, elem_id=f"{name}-own"
        )
    names = list(portraits)

    def pick(event: gr.SelectData) -> tuple[str, None]:
        return names[event.index], None

    gallery.select(pick, None, [chosen, own], show_progress="hidden")
    own.upload(lambda path: path, own, chosen, show_progress="hidden")
    return gallery, own, chosen


def build(control: EmotionControl, history: Path) -> None:
    """Lay out the tab."""
    _, _, portrait = portrait_choice("head")
    text = gr.Textbox(EXAMPLE, label="Text", elem_id="head-text")
    audio = gr.Audio(label="or a recording", type="filepath", sources=["upload", "microphone"], elem_id="head-audio")
    with gr.Row():
        from_voice = gr.Checkbox(False, label="Read the emotion from the recording")
        consent = gr.Checkbox(False, label="Whoever is shown or heard agreed to it", elem_id="head-consent")
        size = gr.Radio([256, 512], value=256, label="Size")
        seed = outcome.seed_field("head")
    go = gr.Button("Animate", variant="primary", elem_id="head-go")
    video = gr.Video(label="Talking head", interactive=False, elem_id="head-video")
    out = outcome.build("head")

    def run(
        expression: str, intensity: float, portrait: str, text: str, audio: str | None, from_voice: bool, consent: bool,
        size: int, seed: float | None, bar: gr.Progress = gr.Progress(),  # noqa: B008
    ) -> tuple[Any, ...]:  # fmt: skip
        with outcome.plain_errors():
            own = Path(portrait).suffix != ""
            if (own or audio) and not consent:
                raise InputError("tick that whoever is shown or heard agreed to it")
            emotion = None if audio and from_voice else expression
            studio = Studio(progress=outcome.progress_of(bar))
            take = studio.animate(
                portrait, audio, emotion, text=None if audio else text, intensity=intensity, size=int(size),
                seed=outcome.parsed_seed(seed),
            )  # fmt: skip
            file = outcome.new_folder(history, "head") / "head.mp4"
            take.save(file, progress=lambda f: bar(f, desc="encode"))
            return str(file), *outcome.shown([take], outcome.with_sidecars(file))

    go.click(run, [*control.inputs, portrait, text, audio, from_voice, consent, size, seed], [video, *out.outputs])
