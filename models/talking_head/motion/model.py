"""`MotionModel`: speech and emotion to facial motion, by diffusion, window after window."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from genstudio.arguments import choice, number
from genstudio.emotion import Emotion, EmotionCurve
from genstudio.media.rates import FRAME_RATE, HOPS_PER_VIDEO_FRAME, VIDEO_FPS
from genstudio.protocols import Motion, Speech
from genstudio.signals.arkit import BLENDSHAPES, CHANNELS
from genstudio.signals.shapes import smoothstep
from genstudio.threads import one_thread
from genstudio.weights import read_tensors

from .generator.session import BLINK_SPREAD, BLINK_STYLE, LIP_GAP, OPENERS, SIDE_STYLE, lip_gap
from .generator.visemes import NAMES, closure, segments
from .network import MotionConfig, MotionNet
from .recast import Recast
from .schedule import SCHEDULERS
from .senses import Ears, Heart

F32 = NDArray[np.float32]
WEIGHTS = Path(__file__).parent / "weights" / "motion.safetensors"
AHEAD = 10  # frames at the end of a window that are made again by the next one: what follows shapes a mouth before it sounds
HOLD = tuple(1 - (k + 1) / (AHEAD + 1) for k in range(AHEAD))
MAX_VALUE = 1.5  # of a coefficient: recipes exaggerate beyond 1, exports bound to 1
_HEAD = slice(len(BLENDSHAPES), len(BLENDSHAPES) + 6)
_EYE_YAW = [CHANNELS.index("leftEyeYaw"), CHANNELS.index("rightEyeYaw")]
_EYE_PITCH = [CHANNELS.index("leftEyePitch"), CHANNELS.index("rightEyePitch")]
SEALED = -0.04  # lip gap in cm that closed lips are brought to
MEETING = 0.25  # lip gap in cm below which lips are on their way to meet
_PARTS = {"mouthUpperUp": 0.95, "mouthLowerDown": 0.95, "mouthShrugUpper": 0.9, "mouthFunnel": 0.5, "noseSneer": 0.4}
PARTERS = np.array([max((v for k, v in _PARTS.items() if c.startswith(k)), default=0) for c in CHANNELS], np.float32)
RAISERS = ((("mouthShrugLower",), 0.7), (("mouthRollLower",), 0.5), (("mouthPressLeft", "mouthPressRight"), 0.6))
_JAW = CHANNELS.index("jawOpen")
LID_HEAT = 1.25  # the lids' noise is larger than life: few steps lose some of the blinks, which are rare
_CLOSE = CHANNELS.index("mouthClose")
_LIDS = [CHANNELS.index("eyeBlinkLeft"), CHANNELS.index("eyeBlinkRight")]


class MotionModel:
    """Speech and an emotion in, `Motion` at 25 fps out. Same inputs and seed give the same motion.

    >>> import numpy as np
    >>> speech = Speech(np.zeros(24000, np.float32), 24000)
    >>> MotionModel.load()(speech, Emotion.parse("joy"), steps=2).values.shape
    (25, 62)
    """

    def __init__(self, net: MotionNet, mean: Tensor, std: Tensor, recast: Recast) -> None:
        self.net = net.eval().requires_grad_(False)
        self.mean, self.std, self.recast = mean, std, recast

    @classmethod
    def load(cls, path: Path | str | None = None) -> MotionModel:
        """The shipped model, or one trained by `train`."""
        return _load(Path(path) if path else WEIGHTS)

    def __call__(
        self,
        speech: Speech,
        emotion: Emotion | EmotionCurve,
        *,
        seed: int = 0,
        steps: int = 8,
        speech_guidance: float = 1.0,
        emotion_guidance: float = 1.6,
        head_motion: float = 1.0,
        blink: float = 1.0,
        scheduler: str = "euler",
        progress: Callable[[float], None] | None = None,
    ) -> Motion:
        """Make motion for the whole of the speech.

        seed: draws the noise and the style of the performance. steps: denoising steps a window. *_guidance: 1 follows the
        condition as learned, above 1 exaggerates it (costs time), 0 ignores it. head_motion scales the head's turns and shifts
        (0 holds it still); blink scales the blink rate (0: none). scheduler: euler, heun or ancestral. Where the speech
        knows its phones, the lips are made to meet on m, b and p should the network have left them apart.
        """
        choice("scheduler", scheduler, SCHEDULERS)
        limits = {
            "steps": (steps, 1, 1000), "head_motion": (head_motion, 0, 3), "blink": (blink, 0, 4),
            "speech_guidance": (speech_guidance, 0, 100), "emotion_guidance": (emotion_guidance, 0, 100),
        }  # fmt: skip
        for name, (value, low, high) in limits.items():
            number(name, value, low, high)
        frames = max(1, math.ceil(len(speech.samples) / speech.rate * VIDEO_FPS - 1e-6))
        out = np.empty((frames, len(CHANNELS)), np.float32)
        at = 0
        for part in self.windows(
            speech, emotion, frames, seed, steps, (speech_guidance, emotion_guidance), blink, scheduler
        ):
            n = min(len(part), frames - at)
            out[at : at + n] = part[:n]
            at += n
            if progress:
                progress(at / frames)
        if speech.phones:
            press(out, speech)
        return Motion(finish(out, head_motion, blink), CHANNELS, float(VIDEO_FPS))

    @torch.no_grad()
    def windows(
        self,
        speech: Speech,
        emotion: Emotion | EmotionCurve,
        frames: int,
        seed: int,
        steps: int,
        guidance: tuple[float, float],
        blink: float,
        scheduler: str,
    ) -> Iterator[F32]:
        """Motion window by window, float32 [up to window - AHEAD, 62] each; memory does not grow with the length."""
        c = self.net.config
        g = torch.Generator().manual_seed(seed)
        style = self.style(g, blink)
        ears, heart = Ears(speech), Heart(emotion)
        past, ahead = torch.zeros(1, c.past, c.channels), None
        for at in range(0, frames, c.window - AHEAD):
            first, last = at - c.past, at + c.window
            mel, codes = ears(first, last), heart(first, last)
            noise = self.noise(g)
            clean = self.denoise(noise, mel, codes, past, ahead, style, steps, guidance, scheduler, g)
            kept, ahead = clean[:, : c.window - AHEAD], clean[:, c.window - AHEAD :]
            past = torch.cat((past, kept), dim=1)[:, -c.past :]
            yield self.shown(kept[0], heart, at, style)

    def shown(self, clean: Tensor, heart: Heart, first: int, style: Tensor) -> F32:
        """Motion float32 [frames, 62] of normalised [frames, channels] from video frame `first` on, by the present recipes."""
        weights, gain = heart.asked(first, first + len(clean))
        return self.recast(
            (clean * self.std + self.mean).numpy(), weights, gain, mirrored=bool(style[0, SIDE_STYLE] < 0)
        )

    def style(self, g: torch.Generator, blink: float) -> Tensor:
        """The style of a performance [1, style], drawn; blink scales the blink rate."""
        style = torch.randn(1, self.net.config.style, generator=g).clamp(-2, 2)
        if blink > 0:
            style[0, BLINK_STYLE] = (style[0, BLINK_STYLE] + math.log(blink) / BLINK_SPREAD).clamp(-2.5, 2.5)
        return style

    def noise(self, g: torch.Generator) -> Tensor:
        """What a window begins with [1, window, channels]."""
        noise = torch.randn(1, self.net.config.window, self.net.config.channels, generator=g)
        noise[..., _LIDS] *= LID_HEAT
        return noise

    @one_thread()
    def denoise(
        self,
        noise: Tensor,
        mel: Tensor,
        codes: Tensor,
        past: Tensor,
        ahead: Tensor | None,
        style: Tensor,
        steps: int,
        guidance: tuple[float, float],
        scheduler: str,
        g: torch.Generator,
        hold: tuple[float, ...] = HOLD,
    ) -> Tensor:
        """One window, normalised, from noise [1, window, channels]: the loop itself is the scheduler's.

        ahead: what the window before made of this one's first frames [1, AHEAD, channels], None for the first window. Each step
        is drawn towards it by `hold`, less and less over those frames, so that windows join.
        """
        by_speech, by_emotion = guidance
        # rows: with everything; without speech; without emotion (only those that guidance asks for)
        weight = [by_speech + by_emotion - 1.0, 1.0 - by_speech, 1.0 - by_emotion]
        rows = [0] + [k for k in (1, 2) if abs(weight[k]) > 1e-6]
        n = len(rows)
        keep_speech, keep_emotion = (torch.tensor([r != k for r in rows]) for k in (1, 2))
        condition = self.net.condition(mel.expand(n, -1, -1), codes.expand(n, -1, -1), keep_speech, keep_emotion)
        mix = torch.tensor([weight[r] for r in rows])[:, None, None]
        known = torch.full((n,), ahead is not None)
        pull = torch.tensor(hold)[:, None]
        k = len(hold)

        def clean(x: Tensor, t: float) -> Tensor:
            level = torch.full((n,), t)
            out = self.net(x.expand(n, -1, -1), level, condition, past.expand(n, -1, -1), known, style.expand(n, -1))
            out = (mix * out).sum(dim=0, keepdim=True)
            if ahead is not None:
                out[:, :k] += pull * (ahead[:, :k] - out[:, :k])
            return out

        return SCHEDULERS[scheduler](noise, clean, steps, g)


@cache
def _load(path: Path) -> MotionModel:
    tensors, info = read_tensors(path)
    net = MotionNet(MotionConfig(**json.loads(info["config"])))
    net.load_state_dict({k[4:]: v.float() for k, v in tensors.items() if k.startswith("net.")}, strict=True)
    return MotionModel(net, tensors["mean"].float(), tensors["std"].float(), Recast(info["recipes"]))


def press(values: F32, speech: Speech) -> None:
    """Close the lips on the m, b and p of known phones, in place: a rule that changes little where they close already."""
    times = ((np.arange(len(values)) + 0.5) / VIDEO_FPS).astype(np.float32)
    s = segments(speech.phones, len(values) / VIDEO_FPS)
    lips = s.viseme == NAMES.index("PP")
    closing = closure(times, s.start[lips], s.end[lips])
    apart = closing * ((lip_gap(values) - SEALED) / 0.15).clip(0, 1)
    values *= 1 - OPENERS * apart[:, None]
    values[:, _CLOSE] += closing * ((lip_gap(values) - SEALED) / -LIP_GAP["mouthClose"]).clip(0)


def seal(values: F32) -> None:
    """Where the lips are meant to meet, let go what parts them and raise the lower lip, in place: a rule.

    mouthClose closes lips only as far as the jaw is open, so raised and drawn lips would stay apart whatever its value.
    """
    meant = lip_gap(values)
    strength = smoothstep(1 - meant / MEETING)
    values *= 1 - PARTERS * strength[:, None]
    values[:, _CLOSE] += (lip_gap(values) - meant) / -LIP_GAP["mouthClose"]
    np.clip(values[:, _CLOSE], 0, np.maximum(values[:, _JAW], 0), out=values[:, _CLOSE])
    for names, most in RAISERS:
        columns = [CHANNELS.index(n) for n in names]
        per = -sum(LIP_GAP[n] for n in names)
        rest = strength * (lip_gap(values) - meant)
        values[:, columns] += (rest / per).clip(0, most)[:, None]


def finish(values: F32, head_motion: float, blink: float) -> F32:
    """Bounds, and the user's scales of head motion (the eyes make up for it) and of blinking when it is off."""
    out = values.copy()
    seal(out)
    if blink == 0:
        from scipy.ndimage import grey_opening

        out[:, _LIDS] = grey_opening(out[:, _LIDS], size=(15, 1))
    if head_motion != 1:
        missing = out[:, _HEAD] * (1 - head_motion)
        out[:, _HEAD] -= missing
        out[:, _EYE_YAW] += 0.9 * missing[:, :1]
        out[:, _EYE_PITCH] += 0.85 * missing[:, 1:2]
    face = out[:, : len(BLENDSHAPES)]
    room = MAX_VALUE - 1
    np.copyto(face, np.where(face > 1, 1 + room * np.tanh((face - 1) / room), face.clip(0)))
    out[:, _EYE_YAW + _EYE_PITCH] = out[:, _EYE_YAW + _EYE_PITCH].clip(-0.6, 0.6)
    return out


assert FRAME_RATE == VIDEO_FPS * HOPS_PER_VIDEO_FRAME
