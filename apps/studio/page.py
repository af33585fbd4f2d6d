"""The page put together: the emotion on the left, what to do with it on the right."""

from __future__ import annotations

from pathlib import Path

import gradio as gr

from . import control, create_tab, evaluate_tab, head_tab, image_tab, speak_tab

CSS = """
.gradio-container{max-width:1400px!important}
#pad img{cursor:crosshair}
#emotion textarea{font-weight:600}
table td,table th{word-break:normal!important;overflow-wrap:normal!important;padding:.3rem .5rem!important}
footer{display:none!important}
:focus-visible,label:has(input:focus-visible){outline:2px solid #3b82f6!important;outline-offset:2px}
.readings{overflow-x:auto}
.portraits .grid-wrap{height:auto!important;min-height:0!important;max-height:none!important}
.portraits .grid-container{grid-template-columns:repeat(6,minmax(0,1fr))!important}
.portraits .selected{outline:3px solid #3b82f6}
@media(max-width:640px){
.portraits .grid-container{grid-template-columns:repeat(3,minmax(0,1fr))!important}
.row>.form{flex-wrap:wrap!important}
.row>.form>*{flex:1 1 100%!important;min-width:0!important}
.readings table{font-size:.75rem}
.readings td,.readings th{padding:.15rem .2rem!important}
.tab-container button{padding:0 .3rem!important;font-size:.8rem!important}
}
"""

_TABS = (
    ("Create", create_tab),
    ("Speak", speak_tab),
    ("Animate", head_tab),
    ("Paint", image_tab),
    ("Evaluate", evaluate_tab),
)


def theme() -> gr.themes.Base:
    """System fonts: the page works offline."""
    fonts = ["system-ui", "sans-serif"]
    return gr.themes.Soft(primary_hue="blue", font=fonts, font_mono=["ui-monospace", "monospace"])


def build(history: Path) -> gr.Blocks:
    """The whole page; what it makes goes into `history`."""
    with gr.Blocks(title="genstudio", analytics_enabled=False) as page:
        gr.Markdown("# genstudio\nOne emotion in; image, voice, talking head and their measured scores out.")
        with gr.Row():
            with gr.Column(scale=2, min_width=340):
                emotion = control.build()
            with gr.Column(scale=5), gr.Tabs():
                for name, tab in _TABS:
                    with gr.Tab(name, id=name.lower()):
                        tab.build(emotion, history)
    return page
