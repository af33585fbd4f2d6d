"""The emotion control: a plane to click, chips, sliders and free text, all saying one expression."""

from __future__ import annotations

from dataclasses import dataclass

import gradio as gr
from PIL import Image

from genstudio.emotion import EKMAN, Emotion
from genstudio.errors import EmotionError

from .plane import draw, from_pixel

CHIPS = (*EKMAN, "awe", "serenity", "amusement", "boredom", "happily surprised", "sadly angry")


@dataclass(frozen=True)
class EmotionControl:
    """expression and intensity are what every tab reads."""

    expression: gr.Textbox
    intensity: gr.Slider

    @property
    def inputs(self) -> list[gr.Textbox | gr.Slider]:
        """For event listeners, in order: expression, intensity."""
        return [self.expression, self.intensity]


def build() -> EmotionControl:
    """Lay out the control in the current column."""
    expression = gr.Textbox(
        "joy:0.7+surprise:0.3", label="Emotion", elem_id="emotion",
        info="a word, a mix, its opposite (-joy), valence=…, or any phrase",
    )  # fmt: skip
    pad = gr.Image(
        draw(Emotion.parse("joy:0.7+surprise:0.3")), label="click a point", interactive=False, elem_id="pad", type="pil",
        format="png", buttons=[], height=380,
    )  # fmt: skip
    chips = gr.Radio(CHIPS, label="or take one", elem_id="chips")
    intensity = gr.Slider(0.0, 1.5, 1.0, step=0.05, label="Intensity", elem_id="intensity")
    dominance = gr.Slider(-1.0, 1.0, 0.2, step=0.05, label="Dominance (powerless … in control)", elem_id="dominance")
    understood = gr.Markdown(describe("joy:0.7+surprise:0.3", 1.0)[1], elem_id="understood")

    expression.change(describe, [expression, intensity], [pad, understood], show_progress="hidden")
    intensity.change(describe, [expression, intensity], [pad, understood], show_progress="hidden")
    expression.input(lambda: None, None, chips, show_progress="hidden")
    chips.input(lambda name: name, chips, expression, show_progress="hidden")
    pad.select(_clicked, dominance, [expression, chips], show_progress="hidden")
    dominance.release(_with_dominance, [expression, dominance], [expression, chips], show_progress="hidden")
    return EmotionControl(expression, intensity)


def describe(expression: str, intensity: float) -> tuple[Image.Image, str]:
    """The plane with the request on it, and how it is understood, or what is wrong with it."""
    try:
        emotion = Emotion.parse(expression, intensity)
    except EmotionError as error:
        return draw(None), f"**{error}**"
    inferred = " (inferred)" if emotion.dominance_inferred else ""
    return draw(emotion), f"{emotion}{inferred}, near *{', '.join(emotion.nearest(3))}*"


def _clicked(dominance: float, event: gr.SelectData) -> tuple[str, None]:
    v, a = from_pixel(*event.index)
    return f"valence={v:.2f},arousal={a:.2f},dominance={dominance:.2f}", None


def _with_dominance(expression: str, dominance: float) -> tuple[str, None]:
    try:
        e = Emotion.parse(expression)
    except EmotionError:
        e = Emotion.neutral()
    return f"valence={e.valence:.2f},arousal={e.arousal:.2f},dominance={dominance:.2f}", None
