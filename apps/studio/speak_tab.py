"""Tab: speak a text, or give a recording the emotion."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

from genstudio.studio import Studio

from . import outcome
from .control import EmotionControl

EXAMPLE = "I never thought I'd see you again."


def build(control: EmotionControl, history: Path) -> None:
    """Lay out the tab."""
    voices = [v["name"] for v in Studio().voices()]
    text = gr.Textbox(
        EXAMPLE, label="Text", lines=3, elem_id="speak-text",
        info="[fear:0.8] changes the emotion from there on; [laugh] [sigh] [gasp] [sob] [groan] are sounds of the voice",
    )  # fmt: skip
    with gr.Row():
        voice = gr.Dropdown(voices, value=voices[0], label="Voice", elem_id="speak-voice")
        rate = gr.Slider(0.5, 2.0, 1.0, step=0.05, label="Rate")
        pitch = gr.Slider(0.5, 2.0, 1.0, step=0.05, label="Pitch")
        pause = gr.Slider(0.0, 3.0, 1.0, step=0.1, label="Pauses")
        takes = gr.Slider(1, 10, 1, step=1, label="Takes (the best is kept)")
        seed = outcome.seed_field("speak")
    with gr.Accordion(
        "or a recording that takes the emotion; its speaker and words stay", open=False, elem_id="speak-from"
    ):
        recording = gr.Audio(
            label="Recording", type="filepath", sources=["upload", "microphone"], elem_id="speak-audio-in"
        )
        with gr.Row():
            strength = gr.Slider(0.0, 2.0, 1.0, step=0.05, label="How far it is moved")
            consent = gr.Checkbox(False, label=outcome.CONSENT, elem_id="speak-consent")
    go, stop = outcome.buttons("speak", "Speak")
    audio = gr.Audio(label="Voice", interactive=False, elem_id="speak-audio", type="filepath", buttons=["download"])
    out = outcome.build("speak")

    def run(
        expression: str, intensity: float, text: str, voice: str, rate: float, pitch: float, pause: float, takes: int,
        seed: float | None, recording: str | None, strength: float, consent: bool,
        request: gr.Request, bar: gr.Progress = gr.Progress(),  # noqa: B008  # gradio's way to ask for one
    ) -> tuple[Any, ...]:  # fmt: skip
        with outcome.plain_errors():
            options = {k: v for k, v in (("rate", rate), ("pitch", pitch), ("pause", pause)) if v != 1.0}
            studio, drawn = Studio(progress=outcome.progress_of(bar, request, "speak")), outcome.parsed_seed(seed)
            if recording is None:
                take = studio.speak(
                    text, expression, intensity=intensity, voice=voice, takes=int(takes), seed=drawn, **options
                )
            else:
                outcome.agreed(consent)
                take = studio.convert(
                    recording, expression, intensity=intensity, strength=strength, takes=int(takes), seed=drawn
                )
                take.record_consent("given")
            file = take.save(outcome.new_folder(history, "speak") / "speech.wav")
            return str(file), *outcome.shown([take], outcome.with_sidecars(file))

    outcome.begins(
        "speak",
        go,
        stop,
        [text],
        run,
        [*control.inputs, text, voice, rate, pitch, pause, takes, seed, recording, strength, consent],
        [audio, *out.outputs],
    )
