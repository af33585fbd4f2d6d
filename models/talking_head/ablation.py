"""What each part of the talking head adds: everything, and the same without diffusion, emotion, memory or speech.

Rows of `python -m genstudio.models.talking_head.evaluate --only ablation`: unweighted recall of seven on the demo's portraits, lips
closed on m, b, p (unheard German speakers, labelled by hand), the step at window seams over that elsewhere, blinks a minute, and
variety: the mean distance of two seeds' performances in deviations of the training motion.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray

from genstudio.emotion import Emotion
from genstudio.media.rates import SAMPLE_RATE, VIDEO_FPS
from genstudio.protocols import Motion, Speech
from genstudio.signals.arkit import CHANNELS

from .engine import TalkingHeadModel
from .motion import blinkstats
from .motion.evaluate import Clip, closed
from .motion.model import AHEAD, MotionModel

if TYPE_CHECKING:
    from .evaluate import Rig, Row

F32 = NDArray[np.float32]
PAUSE = 0.5  # seconds between the clips of the long speech
FELT = ("neutral", "joy", "anger", "sadness")  # emotions of the long speech


class Varied(MotionModel):
    """The motion model with options that stand, and what is taken from it: memory, or all that is drawn by chance."""

    def __init__(self, model: MotionModel, memory: bool = True, chance: bool = True, **options: Any) -> None:
        super().__init__(model.net, model.mean, model.std, model.recast)
        self.memory, self.chance, self.options = memory, chance, options

    def __call__(self, *args: Any, **options: Any) -> Motion:
        return super().__call__(*args, **{**options, **self.options})

    def style(self, g: torch.Generator, blink: float) -> torch.Tensor:
        drawn = super().style(g, blink)
        return drawn if self.chance else torch.zeros_like(drawn)

    def noise(self, g: torch.Generator) -> torch.Tensor:
        drawn = super().noise(g)
        return drawn if self.chance else torch.zeros_like(drawn)

    def denoise(
        self, noise: torch.Tensor, mel: torch.Tensor, codes: torch.Tensor, past: torch.Tensor, ahead: torch.Tensor | None,
        *rest: Any, **named: Any,
    ) -> torch.Tensor:  # fmt: skip
        return super().denoise(noise, mel, codes, past, ahead if self.memory else None, *rest, **named)


CONDITIONS: dict[str, dict[str, Any]] = {
    "full": {},
    "mean motion": {"steps": 1, "chance": False},
    "without emotion": {"emotion_guidance": 0.0},
    "without memory": {"memory": False},
    "without speech": {"speech_guidance": 0.0, "emotion_guidance": 1.0},
}


def ablation(rig: Rig, faces: dict[str, NDArray[np.uint8]], data: Path, say: Callable[[str], None]) -> list[Row]:
    """The table. Videos are read only for as many portraits as `faces` holds; without EmoDB under `data` no lips are counted."""
    from .evaluate import Row, seven

    tests, speech = long_speech(data, rig.speeches)
    rows = []
    for name, options in CONDITIONS.items():
        model = Varied(MotionModel.load(), **options)
        read, _ = seven(replace(rig, head=TalkingHeadModel(model)), faces)
        figures = {"recall of seven": (read[0].value, read[0].n), **moves(model, tests, speech)}
        rows += [Row(f"ablation: {measure}", name, value, n) for measure, (value, n) in figures.items()]
        say(name + ": " + ", ".join(f"{measure} {value:.3f}" for measure, (value, _) in figures.items()))
    return rows


def long_speech(data: Path, other: list[Speech], clips: int = 12) -> tuple[list[Clip], Speech]:
    """Labelled clips of unheard speakers (none when EmoDB is absent), and they or the other speeches one after another."""
    from .motion import corpus
    from .motion.generator.visemes import segments

    tests = []
    if (data / "emodb").is_dir():
        held = [u for u in corpus.emodb(data) if u.held_out]
        for u in held[:: max(len(held) // clips, 1)][:clips]:
            x = u.samples(SAMPLE_RATE)
            tests.append(Clip(Speech(x, SAMPLE_RATE), segments(u.phones, len(x) / SAMPLE_RATE, True)))
    pause = np.zeros(round(PAUSE * SAMPLE_RATE), np.float32)
    parts = [c.speech.samples for c in tests] or [s.samples for s in other]
    return tests, Speech(np.concatenate([np.concatenate([p, pause]) for p in parts]), SAMPLE_RATE)


def moves(model: MotionModel, tests: list[Clip], speech: Speech) -> dict[str, tuple[float, int]]:
    """What is read off the motion itself: value and count by measure."""
    kept, scale = model.net.config.window - AHEAD, model.std.numpy()
    hits: list[bool] = []
    seams, blinks, apart = [], [], []
    for emotion in FELT:
        m, other = (model(speech, Emotion.parse(emotion), seed=k).values for k in (3, 4))
        at = 0.0
        for c in tests:
            i = round(at * VIDEO_FPS)
            hits += closed(m[i : i + int(c.speech.duration * VIDEO_FPS)], c.segments)
            at += c.speech.duration + PAUSE
        step = np.abs(np.diff(m, axis=0) / scale).mean(axis=1)
        at_seam = np.arange(kept - 1, len(step), kept)
        seams.append(step[at_seam].mean() / np.delete(step, at_seam).mean())
        blinks.append(60 * VIDEO_FPS * len(blinkstats.blinks(m[:, CHANNELS.index("eyeBlinkLeft")], VIDEO_FPS)) / len(m))
        apart.append(float(np.abs((m - other) / scale).mean()))
    lips = {"lips closed on m b p": (float(np.mean(hits)), len(hits))} if hits else {}
    return {
        **lips, "step at seams over elsewhere": (float(np.mean(seams)), len(FELT) * (len(m) // kept)),
        "blinks a minute": (float(np.mean(blinks)), len(FELT)), "variety of two seeds": (float(np.mean(apart)), len(FELT)),
    }  # fmt: skip
