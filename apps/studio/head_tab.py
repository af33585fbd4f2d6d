"""Tab: make a portrait speak."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

from genstudio.studio import Studio
from genstudio.take import NOBODY

from . import outcome
from .control import EmotionControl
from .speak_tab import EXAMPLE


def portrait_choice(name: str) -> tuple[gr.Gallery, gr.Image, gr.State]:
    """The demo's portraits to click and a field for one's own; the state holds the chosen path or name."""
    portraits = Studio().portraits()
    names = list(portraits)
    chosen = gr.State(names[0])
    with gr.Row():
        gallery = gr.Gallery(
            [str(p) for p in portraits.values()], label="portraits of nobody", show_label=False, columns=6, scale=2,
            allow_preview=False, elem_id=f"{name}-portraits", elem_classes="portraits", buttons=[], selected_index=0,
            min_width=320,
        )  # fmt: skip
        own = outcome.pictures_only(gr.Image(
            label="or your own", type="filepath", sources=["upload", "webcam"], height=150, elem_id=f"{name}-own",
            buttons=[], min_width=240,
        ))  # fmt: skip

    def pick(event: gr.SelectData) -> tuple[str, None]:
        return names[event.index], None

    def photo(path: str | None) -> tuple[str, gr.Gallery]:
        """One's own while it is there, from a file or the camera; else the first portrait of nobody again."""
        return path or names[0], gr.Gallery(selected_index=None if path else 0)

    gallery.select(pick, None, [chosen, own], show_progress="hidden")
    own.input(photo, own, [chosen, gallery], show_progress="hidden")
    return gallery, own, chosen


def build(control: EmotionControl, history: Path) -> None:
    """Lay out the tab."""
    _, _, portrait = portrait_choice("head")
    text = gr.Textbox(EXAMPLE, label="Text", elem_id="head-text")
    audio = gr.Audio(label="or a recording", type="filepath", sources=["upload", "microphone"], elem_id="head-audio")
    with gr.Row():
        from_voice = gr.Checkbox(False, label="Read the emotion from the recording", min_width=240)
        consent = gr.Checkbox(False, label=outcome.CONSENT, elem_id="head-consent", min_width=240)
        size = gr.Radio([256, 512, 1024], value=256, label="Size")
        seed = outcome.seed_field("head")
    with gr.Accordion("More", open=False, elem_id="head-more"):
        with gr.Row():
            head_motion = gr.Slider(0, 3, 1, step=0.1, label="Head motion")
            blink = gr.Slider(0, 4, 1, step=0.1, label="Blinks")
            framing = gr.Radio(["square", "original"], value="square", label="Framing")
            takes = gr.Slider(1, 10, 1, step=1, label="Takes (best kept)")
        drive = gr.Video(label="moved by a video of a face", sources=["upload"], height=200, elem_id="head-drive")
        parts = gr.CheckboxGroup(
            ["upper", "head", "gaze", "mouth"], value=["upper", "head", "gaze"], label="what the video moves",
            elem_id="head-parts",
        )  # fmt: skip
    go, stop = outcome.buttons("head", "Animate")
    video = gr.Video(label="Talking head", interactive=False, elem_id="head-video", height=420, buttons=["download"])
    out = outcome.build("head")

    def run(
        expression: str, intensity: float, portrait: str, text: str, audio: str | None, from_voice: bool, consent: bool,
        size: int, seed: float | None, head_motion: float, blink: float, framing: str, takes: int, drive: str | None,
        parts: list[str], request: gr.Request, bar: gr.Progress = gr.Progress(),  # noqa: B008
    ) -> tuple[Any, ...]:  # fmt: skip
        with outcome.plain_errors():
            people = bool(Path(portrait).suffix or audio or drive)
            if people:
                outcome.agreed(consent)
            emotion = None if audio and from_voice else expression
            given: dict[str, Any] = {
                "head_motion": head_motion if head_motion != 1 else None, "blink": blink if blink != 1 else None,
                "framing": framing if framing != "square" else None, "drive": drive, "drive_parts": parts if drive else None,
            }  # fmt: skip
            told = outcome.progress_of(bar, request, "head")
            take = Studio(progress=told).animate(
                portrait, audio, emotion, text=None if audio else text, intensity=intensity, size=int(size),
                seed=outcome.parsed_seed(seed), takes=int(takes), **{k: v for k, v in given.items() if v is not None},
            )  # fmt: skip
            take.record_consent("given" if people else NOBODY)
            file = outcome.new_folder(history, "head") / "head.mp4"
            take.save(file, progress=lambda f: told("encode", f))
            return str(file), *outcome.shown([take], outcome.with_sidecars(file))

    outcome.begins(
        "head", go, stop, [text], run,
        [*control.inputs, portrait, text, audio, from_voice, consent, size, seed, head_motion, blink, framing, takes, drive,
         parts],
        [video, *out.outputs],
    )  # fmt: skip
