"""Emotional action units over time, in ARKit coefficients.

Static recipes: the units of FACS's prototypes (Ekman & Friesen 1978; Du, Tao & Martinez 2014: anger AU 4, 5, 7, 10, 25;
disgust 7, 9, 10, 25; fear 1, 2, 4, 5, 20, 25; joy 6, 12, 25; sadness 1, 4, 15, 17; surprise 1, 2, 5, 26), each held to a range and
sized by search on London portraits that are not held out: as readable for the steering recogniser as it gets while the
embedded face descriptor still finds the person. Lifted or lowered brows, a wrinkled nose and stretched lips cost likeness most and
were cut most; wide or narrowed eyes, raised cheeks and folds are read nearly for nothing.
Dynamics: felt expressions last 0.5 to 4 s with smooth onsets (Ekman & Friesen 1982); spontaneous smile onsets take about
0.5 s (Schmidt, Cohn & Tian 2003); in anger and disgust the nose wrinkler, in fear and surprise the upper lid leads, by
some 50-150 ms (Jack, Garrod & Schyns 2014). arkit_motion: onset (10-90 %) of smile and brow 0.23-0.6 s, hold about 0.8 s,
left-right correlation 0.92-1.00 within a unit. What cites nothing was chosen by looking.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from genstudio.emotion.norms import EKMAN
from genstudio.signals.arkit import BLENDSHAPES, CHANNELS
from genstudio.signals.shapes import smoothstep

from .life import smooth_noise

F32 = NDArray[np.float32]

# names without side mean both sides; _L and _R one
RECIPES: dict[str, dict[str, float]] = {
    "anger": {
        "browDown": 1.15, "browOuterUp": 0.1, "eyeSquint": 0.6, "eyeWide": 0.05, "eyeBlink": 0.1, "noseSneer": 0.25,
        "cheekSquint": 0.15, "mouthLowerDown": 0.3, "mouthFrown": 0.27, "mouthStretch": 0.05, "mouthFunnel": 0.5,
        "mouthPucker": 0.1, "mouthPress": 0.05, "mouthRollUpper": 0.15, "jawOpen": 0.01, "jawForward": 0.12,
    },
    "disgust": {
        "noseSneer_L": 0.57, "noseSneer_R": 0.48, "mouthUpperUp_L": 0.7, "mouthUpperUp_R": 0.6, "mouthLowerDown": 0.17,
        "eyeSquint": 0.5, "cheekSquint": 0.42, "mouthFrown": 0.5, "jawOpen": 0.09, "mouthShrugLower": 0.2, "mouthShrugUpper": 0.05,
        "mouthPucker": 0.2,
    },
    "fear": {
        "browInnerUp": 0.78, "browOuterUp": 0.2, "eyeWide": 1.3, "mouthStretch": 1.12, "jawOpen": 0.06, "mouthLowerDown": 0.1,
        "mouthFrown": 0.06,
    },
    "joy": {
        "mouthSmile": 1.0, "cheekSquint": 0.22, "eyeSquint": 0.04, "mouthUpperUp": 0.12, "mouthLowerDown": 0.04,
        "jawOpen": 0.01, "mouthDimple": 0.1,
    },
    "sadness": {
        "browInnerUp": 0.88, "mouthFrown": 1.1, "mouthShrugLower": 0.35, "mouthRollLower": 0.4, "mouthStretch": 0.15,
        "eyeBlink": 0.1, "eyeLookDown": 0.12, "eyeSquint": 0.36, "cheekSquint": 0.45,
    },
    "surprise": {"browInnerUp": 0.14, "browOuterUp": 0.24, "eyeWide": 1.15, "jawOpen": 0.35, "mouthFunnel": 0.08},
    "neutral": {},
}  # fmt: skip

# a second way of showing the same, blended in by style: closed smile, pressed lips, crying brow, gasp ...
VARIANTS: dict[str, dict[str, float]] = {
    "anger": {"mouthPress": 0.35, "mouthLowerDown": -0.35, "mouthUpperUp": -0.1, "browDown": 0.15, "eyeWide": 0.2},
    "disgust": {"mouthShrugLower": 0.35, "mouthUpperUp": -0.12, "mouthFrown": 0.3, "browDown": 0.2, "tongueOut": 0.04},
    "fear": {"mouthStretch": -0.3, "jawOpen": 0.14, "browInnerUp": 0.1, "mouthLowerDown": -0.15},
    "joy": {
        "mouthUpperUp": -0.22, "mouthLowerDown": -0.12, "mouthDimple": 0.2, "browOuterUp": 0.15, "browInnerUp": 0.1,
        "jawOpen": -0.05,
    },
    "sadness": {
        "mouthPress": 0.2, "mouthFrown": -0.15, "mouthRollLower": 0.1, "eyeSquint": 0.2, "browInnerUp": 0.1, "mouthPucker": 0.08,
    },
    "surprise": {"jawOpen": -0.12, "mouthSmile": 0.05, "browInnerUp": 0.1, "browOuterUp": 0.15, "eyeWide": 0.15},
    "neutral": {},
}  # fmt: skip

# per emotion: swings per second of the envelope, depth of the swings, apex events per minute, event gain, tremor, decay
# to the hold level after a change (surprise is the briefest emotion: Ekman 2003)
DYNAMICS: dict[str, tuple[float, float, float, float, float, float]] = {
    "anger": (0.50, 0.14, 22.0, 0.22, 0.02, 0.95),
    "disgust": (0.35, 0.16, 16.0, 0.28, 0.01, 0.85),
    "fear": (0.70, 0.14, 14.0, 0.18, 0.07, 0.90),
    "joy": (0.35, 0.16, 14.0, 0.28, 0.01, 0.90),
    "sadness": (0.18, 0.12, 7.0, 0.16, 0.035, 1.00),
    "surprise": (0.45, 0.15, 16.0, 0.28, 0.01, 0.75),
    "neutral": (0.20, 0.00, 0.0, 0.00, 0.00, 1.00),
}

HEAD_POSE: dict[str, tuple[float, float, float, float, float, float]] = {
    # yaw and roll turn to the style's side; pitch is positive downwards. Sadness lowers the head (Wallbott 1998; Mignault &
    # Chaudhuri 2003), joy lifts it, anger thrusts forward and looks from under its brows (Witkower & Tracy 2019), disgust and
    # fear draw back; sizes chosen.
    "anger": (0.0, 0.06, 0.01, 0.0, 0.0, 0.030),
    "disgust": (0.07, 0.03, 0.035, 0.0, 0.0, -0.030),
    "fear": (0.02, -0.015, 0.0, 0.0, 0.0, -0.040),
    "joy": (0.0, -0.035, 0.04, 0.0, 0.0, 0.005),
    "sadness": (0.03, 0.0, 0.045, 0.0, -0.012, -0.01),
    "surprise": (0.0, -0.03, 0.0, 0.0, 0.005, -0.025),
    "neutral": (0.0, 0.0, 0.0, 0.0, 0.0, 0.0),
}
HEAD_ENERGY = {"anger": 1.2, "disgust": 0.9, "fear": 1.1, "joy": 1.15, "sadness": 0.55, "surprise": 1.2, "neutral": 0.8}
BLINK_RATE = {
    "anger": 14.0,
    "disgust": 22.0,
    "fear": 34.0,
    "joy": 22.0,
    "sadness": 18.0,
    "surprise": 14.0,
    "neutral": 20.0,
}
"""Blinks a minute: 17 at rest and 26 in talk (Bentivoglio et al. 1997); shifts by emotion chosen."""
ARTICULATION = {
    "anger": 1.22,
    "disgust": 1.0,
    "fear": 1.05,
    "joy": 1.12,
    "sadness": 0.98,
    "surprise": 1.12,
    "neutral": 1.0,
}
"""Size of speech gestures: larger in anger and joy, smaller in sadness (Lee, Yildirim, Kazemzadeh & Narayanan 2005); at 0.78, as
the shipped network learned it, sad lips parted too little to be seen on the words."""

_INDEX = {c: i for i, c in enumerate(CHANNELS)}
MOUTH = np.array([c.startswith(("mouth", "jaw", "tongue", "cheekPuff")) for c in CHANNELS])
FACE = np.array([c in BLENDSHAPES for c in CHANNELS])
SIDES = [(_INDEX[c], _INDEX[c[:-4] + "Right"]) for c in BLENDSHAPES if c.endswith("Left")]
APART = 0.03  # by which the sides swing against each other: with 0 they move as one, arkit_motion has 0.95 to 0.99
LEADERS = np.array([c.startswith(("noseSneer", "eyeWide", "browInnerUp")) for c in CHANNELS])


def expand(recipe: dict[str, float], mirrored: bool = False) -> F32:
    """A recipe as float32 [62]; mirrored swaps the sides."""
    out = np.zeros(len(CHANNELS), np.float32)
    for name, value in recipe.items():
        base, _, side = name.partition("_")
        if side:
            left = (side == "L") != mirrored
            out[_INDEX[base + ("Left" if left else "Right")]] = value
        elif base in _INDEX:
            out[_INDEX[base]] = value
        else:
            out[_INDEX[base + "Left"]] = out[_INDEX[base + "Right"]] = value
    return out


def table(per_emotion: dict[str, float]) -> F32:
    """A figure per category, float32 [7] in canonical order."""
    return np.array([per_emotion[name] for name in EKMAN], np.float32)


HEAD_TABLE = np.array([HEAD_POSE[name] for name in EKMAN], np.float32)
_VAD_UNITS = (  # what a point of the space shows beyond its categories: sign of the axis, units per unit of it
    (0, 1, {"mouthSmile": 0.28, "cheekSquint": 0.18}), (0, -1, {"mouthFrown": 0.3, "browDown": 0.2, "browInnerUp": 0.12}),
    (1, 1, {"eyeWide": 0.28, "browOuterUp": 0.16}), (1, -1, {"eyeBlink": 0.16}),
    (2, 1, {"jawForward": 0.06}), (2, -1, {"browInnerUp": 0.2}),
)  # fmt: skip


def envelope(rng: np.random.Generator, frames: int, fps: float, name: str) -> F32:
    """How strongly an emotion shows over time, around 1: slow swings, apex events with onset and offset, tremor."""
    rate, depth, events, gain, tremor, _ = DYNAMICS[name]
    t = np.arange(frames) / fps
    out = np.ones(frames)
    for k in range(3):  # slow swings: three incommensurate sines
        out += (
            depth / 1.7 * np.sin(2 * np.pi * rate * (0.45 + 0.5 * k) * rng.uniform(0.8, 1.2) * t + rng.uniform(0, 6.3))
        )
    for _ in range(rng.poisson(events * frames / fps / 60)):
        at, onset, hold, offset = (
            rng.uniform(0, t[-1]),
            rng.uniform(0.25, 0.6),
            rng.uniform(0.3, 1.6),
            rng.uniform(0.5, 2.0),
        )
        up, down = smoothstep((t - at) / onset), smoothstep((t - at - onset - hold) / offset)
        out += gain * rng.uniform(0.5, 1.3) * up * (1 - down)
    if tremor:
        phase = np.cumsum(2 * np.pi * rng.uniform(3.5, 6.5) / fps * (1 + 0.25 * rng.standard_normal(frames)))
        slow = 0.5 + 0.5 * np.sin(2 * np.pi * rng.uniform(0.2, 0.5) * t + rng.uniform(0, 6.3))
        out += tremor * slow * np.sin(phase)
    return out.astype(np.float32)


def onset_overshoot(weight: F32, hold: float, fps: float, seconds: float = 0.7) -> F32:
    """Strength relative to the weight: 1/hold-like overshoot just after the weight rises, sinking to 1."""
    if hold >= 1:
        return np.ones_like(weight)
    from scipy.signal import lfilter

    decay = np.exp(-1.0 / (fps * seconds))
    extra = lfilter([1.0], [1.0, -decay], np.maximum(np.diff(weight, prepend=weight[0]), 0))
    return (1 + (1 / hold - 1) * extra / np.maximum(weight, 0.2)).astype(np.float32)


def expression(rng: np.random.Generator, weights: F32, vad: F32, gain: F32, style: F32, fps: float) -> F32:
    """The emotion's part of the face.

    weights float32 [frames, 7] over the canonical seven, vad [frames, 3], gain [frames] (above 1 exaggerates), style [16]
    standard normal. Returns float32 [frames, 62], face channels only.
    """
    frames = len(weights)
    out = np.zeros((frames, len(CHANNELS)), np.float32)
    mirrored = style[3] < 0
    person = np.exp(0.14 * rng.standard_normal(len(CHANNELS))).astype(np.float32)
    sides = np.ones(len(CHANNELS), np.float32)
    for i, c in enumerate(CHANNELS):
        if c.endswith("Left"):
            person[_INDEX[c[:-4] + "Right"]] = person[i]
            sides[i] += 0.06 * style[3]
            sides[_INDEX[c[:-4] + "Right"]] -= 0.06 * style[3]
    upper, lower = 1 + 0.12 * style[1], 1 + 0.12 * style[2]
    person = np.where(MOUTH, person * lower, person * upper) * sides * (1 + 0.10 * style[0])
    blend = 1 / (1 + np.exp(-1.2 * style[4] + 1.3))  # share of the variant, mostly small
    lag = round(fps * 0.08)
    for k, name in enumerate(EKMAN):
        w = weights[:, k] * gain
        if name == "neutral" or w.max(initial=0) < 0.02:
            continue
        recipe = (expand(RECIPES[name], mirrored) + blend * expand(VARIANTS[name], mirrored)).clip(0) * person
        env = envelope(rng, frames + lag, fps, name)
        other = 0.6 * env + 0.4 * envelope(rng, frames + lag, fps, name)
        over = onset_overshoot(w, DYNAMICS[name][5], fps)
        late = np.concatenate([np.full(1, w[0] * over[0], np.float32), (w * over)[:-1]])  # the rest follows the leaders
        lead = (w * over) * env[lag:]
        rest_upper, rest_lower = late * env[:frames], late * other[:frames]
        out += np.where(LEADERS, lead[:, None], np.where(MOUTH, rest_lower[:, None], rest_upper[:, None])) * recipe
    beyond = (1 - np.delete(weights, EKMAN.index("neutral"), 1).max(axis=1)).clip(0, 1)
    slow = envelope(rng, frames, fps, "sadness")
    for axis, sign, units in _VAD_UNITS:
        amount = beyond * (sign * vad[:, axis]).clip(0) * gain * slow
        if amount.max(initial=0) > 0.01:
            out += amount[:, None] * (expand(units) * person)
    swing = APART * smooth_noise(rng, frames, fps, 0.6, len(SIDES))
    for k, (left, right) in enumerate(SIDES):
        out[:, left] *= 1 + swing[:, k]
        out[:, right] *= 1 - swing[:, k]
    return out
