"""Tab: paint a prompt, a sheet of one, a moving picture, or give a photograph another mood."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

from genstudio.errors import InputError
from genstudio.studio import Studio
from genstudio.take import Take

from . import outcome
from .control import EmotionControl

STYLES = ("oil", "watercolour", "gouache", "ink", "plain")
KINDS = ("a picture", "a strip into the second emotion", "a sheet over the plane", "a moving picture")
PICTURE, STRIP, SHEET, FILM = KINDS


def build(control: EmotionControl, history: Path) -> None:
    """Lay out the tab."""
    prompt = gr.Textbox("a lake in the mountains", label="Prompt", elem_id="paint-prompt")
    with gr.Row():
        kind = gr.Dropdown(KINDS, value=PICTURE, label="Make", elem_id="paint-kind")
        style = gr.Dropdown(STYLES, value=STYLES[0], label="Style", elem_id="paint-style")
        to = gr.Textbox("", label="Pass into (strip, moving picture)", placeholder="sadness", elem_id="paint-to")
    with gr.Row():
        width = gr.Slider(128, 1024, 384, step=32, label="Width")
        height = gr.Slider(128, 1024, 384, step=32, label="Height")
        takes = gr.Slider(1, 10, 1, step=1, label="Takes (best kept)")
        seed = outcome.seed_field("paint")
    with gr.Accordion("More", open=False, elem_id="paint-more"):
        with gr.Row():
            negative = gr.Textbox("", label="What to move away from", elem_id="paint-negative")
            text_guidance = gr.Slider(0, 10, 1.6, step=0.1, label="How firmly the prompt is followed")
            emotion_guidance = gr.Slider(0, 10, 1.4, step=0.1, label="How firmly the emotion is followed")
            seconds = gr.Slider(1, 20, 4, step=1, label="Seconds of a moving picture")
        photo = outcome.pictures_only(gr.Image(
            label="or a picture of yours: its mood changes, what it shows stays", type="filepath", sources=["upload"],
            height=200, elem_id="paint-photo",
        ))  # fmt: skip
    go, stop = outcome.buttons("paint", "Paint")
    picture = gr.Image(
        label="Picture", interactive=False, elem_id="paint-image", type="filepath", format="png",
        buttons=["download", "fullscreen"],
    )  # fmt: skip
    video = gr.Video(
        label="Moving picture", interactive=False, visible=False, elem_id="paint-video", buttons=["download"]
    )
    out = outcome.build("paint")

    def run(
        expression: str, intensity: float, prompt: str, kind: str, style: str, to: str, width: int, height: int, takes: int,
        seed: float | None, negative: str, text_guidance: float, emotion_guidance: float, seconds: float, photo: str | None,
        request: gr.Request, bar: gr.Progress = gr.Progress(),  # noqa: B008
    ) -> tuple[Any, ...]:  # fmt: skip
        with outcome.plain_errors():
            studio = Studio(progress=outcome.progress_of(bar, request, "paint"))
            drawn, size = outcome.parsed_seed(seed), (int(width), int(height))
            given: dict[str, Any] = {
                "style": style, "negative_prompt": negative.strip() or None,
                "text_guidance": text_guidance if text_guidance != 1.6 else None,
                "emotion_guidance": emotion_guidance if emotion_guidance != 1.4 else None,
            }  # fmt: skip
            options = {k: v for k, v in given.items() if v is not None}
            into = to.strip() or None
            take: Take
            if photo is not None:
                look = {} if style == STYLES[0] else {"style": style}
                take = studio.retouch(photo, expression, intensity=intensity, seed=drawn, takes=int(takes), **look)
            elif kind == FILM:
                take = studio.film(
                    prompt, expression, to=into, intensity=intensity, size=size, seconds=float(seconds), seed=drawn,
                    takes=int(takes), **options,
                )  # fmt: skip
            elif kind == STRIP:
                if into is None:
                    raise InputError("a strip needs an emotion to pass into, such as sadness")
                take = studio.strip(
                    prompt, expression, into, intensity=intensity, size=_cell(size, 7), seed=drawn, **options
                )
            elif kind == SHEET:
                take = studio.grid(prompt, size=_cell(size, 5), seed=drawn, **options)
            else:
                take = studio.paint(
                    prompt, expression, intensity=intensity, size=size, takes=int(takes), seed=drawn, **options
                )
            moves = kind == FILM and photo is None
            file = take.save(outcome.new_folder(history, "paint") / ("film.mp4" if moves else "image.png"))
            still, film = gr.Image(str(file), visible=True), gr.Video(None, visible=False)
            if moves:
                still, film = gr.Image(None, visible=False), gr.Video(str(file), visible=True)
            return still, film, *outcome.shown([take], outcome.with_sidecars(file))

    kind.change(lambda chosen: gr.Slider(visible=chosen in (PICTURE, FILM)), kind, takes, show_progress="hidden")
    outcome.begins(
        "paint", go, stop, [prompt], run,
        [*control.inputs, prompt, kind, style, to, width, height, takes, seed, negative, text_guidance, emotion_guidance,
         seconds, photo],
        [picture, video, *out.outputs],
    )  # fmt: skip


def _cell(size: tuple[int, int], across: int) -> tuple[int, int]:
    """Pixels of one picture of a sheet, so that the sheet stays near 1400 pixels wide; at least 96 on the short side."""
    scale = max(min(1.0, 1400 / across / max(size)), 96 / min(size))
    return round(size[0] * scale), round(size[1] * scale)
