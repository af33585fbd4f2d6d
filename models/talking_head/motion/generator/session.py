"""One stretch of a person speaking with an emotion: speech features, motion and emotion, frame by frame.

Speech and emotion share the mouth as the prototype measured best: the emotion keeps most of it (speech takes 10-40 %), and
yet lips close on m, b, p. A style vector (16 numbers, standard normal, no identity in it) makes two performances differ.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genstudio.media.rates import FRAME_RATE, HOPS_PER_VIDEO_FRAME, VIDEO_FPS
from genstudio.signals.arkit import CHANNELS

from . import emotions as E
from . import life
from . import visemes as V

F32 = NDArray[np.float32]
STYLE = 16  # numbers; meanings: 0-2 size of emotion (all, upper, lower face), 3 side, 4 variant, 5 size of speech,
# 6 slurring, 7 rounding, 8 share of the mouth that speech takes, 9 head motion, 10 blink rate, 11 restless gaze,
# 12 beats, 13 lids at rest, 14 head turned, 15 crooked mouth
SIDE_STYLE = 3  # below 0: an expression's sides change places
BLINK_STYLE, BLINK_SPREAD = 10, 0.35  # log of the blink rate per unit of style
HEAD_STYLE = 9
HEAD_LIMIT = np.array([0.20, 0.17, 0.14], np.float32)  # radians of yaw, pitch, roll that are approached and not passed

C = {c: i for i, c in enumerate(CHANNELS)}
_HEAD = [C[n] for n in ("headYaw", "headPitch", "headRoll", "headX", "headY", "headZ")]

LIP_GAP: dict[str, float] = {
    "jawOpen": 3.28, "mouthClose": -3.89, "mouthFunnel": 1.37, "mouthLowerDownLeft": 0.34, "mouthLowerDownRight": 0.34,
    "mouthUpperUpLeft": 0.35, "mouthUpperUpRight": 0.35, "noseSneerLeft": 0.31, "noseSneerRight": 0.31,
    "mouthPressLeft": -0.13, "mouthPressRight": -0.13, "mouthRollLower": -0.37, "mouthRollUpper": 0.18,
    "mouthShrugLower": -0.69, "mouthShrugUpper": 0.53, "jawForward": 0.13, "mouthPucker": -0.05,
}  # fmt: skip
"""Distance of the inner lips at mid-mouth, cm per unit of each coefficient, measured on ICT-FaceKit (landmarks 62 and 66)."""
GAP = np.array([LIP_GAP.get(c, 0.0) for c in CHANNELS], np.float32)

_OPENERS = {
    "jawOpen": 0.8, "mouthLowerDownLeft": 0.9, "mouthLowerDownRight": 0.9, "mouthUpperUpLeft": 0.8, "mouthUpperUpRight": 0.8,
    "mouthFunnel": 0.7, "mouthShrugUpper": 0.8, "tongueOut": 1.0, "noseSneerLeft": 0.25, "noseSneerRight": 0.25,
    "mouthStretchLeft": 0.3, "mouthStretchRight": 0.3,
}  # fmt: skip
OPENERS = np.array([_OPENERS.get(c, 0.0) for c in CHANNELS], np.float32)

_CLOSERS = ("mouthShrugLower", "mouthPressLeft", "mouthPressRight", "mouthRollLower", "mouthRollUpper")
_LIPS_APART = ("mouthLowerDownLeft", "mouthLowerDownRight", "mouthUpperUpLeft", "mouthUpperUpRight", "jawOpen")

_SIDE = np.array([1 if c.endswith("Left") else -1 for c in CHANNELS], np.float32)


@dataclass(frozen=True)
class Feeling:
    """Emotion over time. weights [frames, 7] over the canonical seven, vad [frames, 3], gain [frames] (1; above 1 exaggerates)."""

    weights: F32
    vad: F32
    gain: F32


def lip_gap(motion: F32) -> F32:
    """Opening of the inner lips in cm beyond the neutral face's, from motion [..., 62]; below 0 the lips press."""
    return np.asarray(motion @ GAP, np.float32)


def accents(s: V.Segments, energy: F32) -> tuple[F32, F32]:
    """Times and strengths (0..1) of stressed vowels: louder and longer than the rest. energy: dB at 100 frames/s."""
    vowel = np.isin(
        s.viseme, [V.NAMES.index(v) for v in ("AA", "AE", "AH", "EH", "ER", "IH", "IY", "OH", "UH", "UW", "OE")]
    )
    a, b = s.start[vowel], s.end[vowel]
    if len(a) < 3:
        return np.zeros(0, np.float32), np.zeros(0, np.float32)
    total = np.concatenate([[0.0], np.cumsum(energy)])
    i, j = (a * FRAME_RATE).astype(int).clip(0, len(energy) - 1), (b * FRAME_RATE).astype(int).clip(1, len(energy))
    loud = (total[j] - total[np.minimum(i, j - 1)]) / np.maximum(j - i, 1)
    z = (loud - loud.mean()) / (loud.std() + 1e-3) + 0.8 * (np.log(b - a + 0.02) - np.log(b - a + 0.02).mean()) / 0.4
    strength = 1 / (1 + np.exp(-1.6 * (z - 0.7)))
    chosen = strength > 0.35
    return ((a + b) / 2)[chosen].astype(np.float32), strength[chosen].astype(np.float32)


def perform(
    rng: np.random.Generator, segments: V.Segments, energy: F32, feeling: Feeling, style: F32
) -> tuple[F32, F32]:
    """Motion float32 [frames, 62] at 25 fps, and lip closure [frames] (1 on m, b, p).

    energy: loudness in dB at 100 frames/s, float32 [4 * frames], 0 at the level of loud speech.
    """
    frames = len(feeling.weights)
    fps = float(VIDEO_FPS)
    times = ((np.arange(frames) + 0.5) / fps).astype(np.float32)
    vad, gain, weights = feeling.vad, feeling.gain, feeling.weights
    shape, closure, activity = V.articulate(segments, times, spread=float(np.exp(0.12 * style[6])))
    emotion = E.expression(rng, weights, vad, gain, style, fps)

    loud = _per_frame(np.clip((energy + 32) / 32, 0, 1.2), frames)
    size = (
        0.84
        * np.exp(0.12 * style[5])
        * (weights @ E.table(E.ARTICULATION))
        * (1 + 0.15 * vad[:, 1])
        * (0.8 + 0.4 * loud)
    )
    shape *= size[:, None]
    for name in ("mouthFunnel", "mouthPucker"):
        shape[:, C[name]] *= np.exp(0.15 * style[7])
    shape *= _SIDE * 0.04 * style[15] + 1

    share = np.clip(0.18 + 0.07 * style[8], 0.06, 0.38)
    mouth = emotion * np.where(E.MOUTH, 1 - share * activity[:, None], 1)
    mouth[:, C["jawOpen"]] *= 1 - 0.45 * activity
    rounding = (shape[:, C["mouthPucker"]] + 0.7 * shape[:, C["mouthFunnel"]]).clip(0, 1)
    for name in ("mouthSmileLeft", "mouthSmileRight", "mouthStretchLeft", "mouthStretchRight"):
        mouth[:, C[name]] *= 1 - 0.5 * rounding
    for name in _CLOSERS:  # what presses the lips together gives way while they speak
        mouth[:, C[name]] *= 1 - 0.65 * activity
    out = mouth + shape
    for name in _LIPS_APART:  # lips that are apart already are not pulled as far again
        out[:, C[name]] -= 0.6 * mouth[:, C[name]] * shape[:, C[name]]

    _rest(rng, out, times, activity, segments)
    head, brow, pinch, breath = _head(rng, segments, energy, feeling, style, times, activity)
    out[:, _HEAD] = head
    for name, amount in (("browInnerUp", 1.0), ("browOuterUpLeft", 0.85), ("browOuterUpRight", 0.85)):
        out[:, C[name]] += amount * brow
    for side in ("Left", "Right"):
        out[:, C["eyeSquint" + side]] += pinch
        out[:, C["noseSneer" + side]] += 0.015 * breath.clip(0)
    _eyes(rng, out, feeling, style, times, activity)

    out *= 1 - OPENERS * closure[:, None]
    out[:, C["mouthClose"]] += closure * ((lip_gap(out) + 0.06) / 3.89).clip(0)
    face = out[:, : _HEAD[0]]
    np.clip(face, 0, 1.5, out=face)
    return out, closure


def _per_frame(x: F32, frames: int) -> F32:
    return x[: frames * HOPS_PER_VIDEO_FRAME].reshape(frames, HOPS_PER_VIDEO_FRAME).mean(axis=1).astype(np.float32)


def _rest(rng: np.random.Generator, out: F32, times: F32, activity: F32, s: V.Segments) -> None:
    """Small life of a silent mouth: lips press or part now and then, an intake of breath before a phrase."""
    idle = (1 - activity) ** 2
    for _ in range(rng.poisson(times[-1] / 5)):
        at, length = rng.uniform(0, times[-1]), rng.uniform(0.35, 1.2)
        x = (times - at) / length
        pulse = np.where(np.abs(x) < 1, 0.5 + 0.5 * np.cos(np.pi * x), 0) * idle * rng.uniform(0.4, 1.2)
        kind = rng.integers(4)
        if kind == 0:
            out[:, [C["mouthPressLeft"], C["mouthPressRight"]]] += 0.28 * pulse[:, None]
        elif kind == 1:
            out[:, [C["mouthRollLower"], C["mouthRollUpper"]]] += 0.2 * pulse[:, None]
        elif kind == 2:
            out[:, C["jawOpen"]] += 0.04 * pulse
        else:
            out[:, C["mouthDimpleLeft" if rng.random() < 0.5 else "mouthDimpleRight"]] += 0.2 * pulse
    drift = life.smooth_noise(rng, len(times), VIDEO_FPS, 0.4, 3)
    out[:, C["jawOpen"]] += 0.008 * np.abs(drift[:, 0])
    out[:, [C["mouthPressLeft"], C["mouthPressRight"]]] += 0.03 * drift[:, 1:2].clip(0)
    out[:, [C["browDownLeft"], C["browDownRight"]]] += 0.04 * drift[:, 2:3].clip(0)
    out[:, C["browInnerUp"]] += 0.04 * (-drift[:, 2]).clip(0)
    for at in s.start[1:][(s.viseme[:-1] == 0) & ((s.end - s.start)[:-1] > 0.3)]:
        x = (times - (at - 0.22)) / 0.2
        out[:, C["jawOpen"]] += rng.uniform(0.02, 0.09) * np.where(np.abs(x) < 1, 0.5 + 0.5 * np.cos(np.pi * x), 0)


def _head(
    rng: np.random.Generator, s: V.Segments, energy: F32, feeling: Feeling, style: F32, times: F32, activity: F32
) -> tuple[F32, F32, F32, F32]:
    """Head [frames, 6] (yaw, pitch, roll, x, y, z), brow beats, lid pinch, breath."""
    from scipy.ndimage import gaussian_filter1d

    fps = float(VIDEO_FPS)
    w = feeling.weights
    vigour = (w @ E.table(E.HEAD_ENERGY)) * (1 + 0.25 * feeling.vad[:, 1]) * np.exp(0.28 * style[HEAD_STYLE])
    vigour = gaussian_filter1d(vigour, fps * 0.4) * (0.6 + 0.4 * gaussian_filter1d(activity, fps * 0.3))
    slow = life.smooth_noise(rng, len(times), fps, 0.28, 6)
    quick = life.smooth_noise(rng, len(times), fps, 0.9, 3)
    # deviations of some degrees in talk; sizes chosen within what Busso et al. 2007 report for IEMOCAP-like speech
    noise = slow * np.array([0.042, 0.027, 0.024, 0.009, 0.006, 0.011], np.float32)
    noise[:, :3] += quick * np.array([0.014, 0.012, 0.008], np.float32)
    side = np.where(style[3] < 0, -1.0, 1.0)
    pose = gaussian_filter1d((w * feeling.gain[:, None]) @ E.HEAD_TABLE, fps * 0.35, axis=0)
    pose *= np.array([side, 1, side, 1, 1, 1], np.float32) * (1 + 0.15 * style[0])
    calm = 1 - w.max(axis=1)
    pose[:, 1] -= gaussian_filter1d(
        0.05 * feeling.vad[:, 2] * calm, fps * 0.35
    )  # chin up with dominance (Mignault & Chaudhuri 2003)
    head = pose + noise * vigour[:, None]
    head[:, 0] += 0.025 * style[14]
    head[:, 2] += 0.02 * style[14] * side
    at, strength = accents(s, energy)
    nod, sway, brow, pinch = life.beats(rng, times, at, strength, float(np.clip(0.55 + 0.15 * style[12], 0.1, 0.95)))
    lively = gaussian_filter1d(vigour, fps * 0.2)
    head[:, 1] += nod * lively
    head[:, 0] += sway * lively
    head[:, :3] = HEAD_LIMIT * np.tanh(head[:, :3] / HEAD_LIMIT)  # necks stiffen, and portraits tear when turned far
    onsets = s.start[1:][(s.viseme[:-1] == 0) & ((s.end - s.start)[:-1] > 0.25)]
    breath = life.breath(rng, times, onsets, float(feeling.vad[:, 1].mean()))
    head[:, 4] += 0.004 * breath
    head[:, 1] -= 0.005 * breath
    head[:, 3] += 0.12 * head[:, 0] + 0.10 * head[:, 2]  # the neck carries the head along with turns and tilts
    head[:, 4] -= 0.10 * head[:, 1]
    brow *= (1 + 0.3 * feeling.vad[:, 1]) * (1 - 0.5 * w[:, E.EKMAN.index("anger")])
    return head.astype(np.float32), brow.astype(np.float32), pinch, breath


def _eyes(rng: np.random.Generator, out: F32, feeling: Feeling, style: F32, times: F32, activity: F32) -> None:
    w = feeling.weights
    sad, fear = w[:, E.EKMAN.index("sadness")], w[:, E.EKMAN.index("fear")]
    anger = w[:, E.EKMAN.index("anger")]
    dart = (1 + 0.9 * fear - 0.45 * anger - 0.3 * sad) * np.exp(0.2 * style[11])
    yaw, pitch = life.gaze(rng, times, dart, (0.12 * sad - 0.01).astype(np.float32), activity)
    # eyes hold the viewer against the head's motion (vestibulo-ocular reflex, gain near 1 for small turns)
    yaw = (yaw - 0.9 * out[:, C["headYaw"]]).clip(-0.5, 0.5)
    pitch = (pitch - 0.85 * out[:, C["headPitch"]]).clip(-0.3, 0.32)
    out[:, C["leftEyeYaw"]] = out[:, C["rightEyeYaw"]] = yaw
    out[:, C["leftEyePitch"]] = out[:, C["rightEyePitch"]] = pitch
    down, up = life.LOOK_DOWN * pitch.clip(0), life.LOOK_UP * (-pitch).clip(0)
    right, left = life.LOOK_SIDE * yaw.clip(0), life.LOOK_SIDE * (-yaw).clip(0)
    for name, x in (
        ("eyeLookDownLeft", down), ("eyeLookDownRight", down), ("eyeLookUpLeft", up), ("eyeLookUpRight", up),
        ("eyeLookInLeft", right), ("eyeLookOutRight", right), ("eyeLookOutLeft", left), ("eyeLookInRight", left),
    ):  # fmt: skip
        out[:, C[name]] = x
    rate = (w @ E.table(E.BLINK_RATE)) * (0.85 + 0.3 * activity) * np.exp(BLINK_SPREAD * style[BLINK_STYLE])
    blink = life.blinks(rng, times, rate.astype(np.float32), 1 - activity)
    rest = 0.05 + 0.02 * style[13] + life.LID_PER_PITCH * pitch.clip(0)
    for side, tilt in (("Left", 1.0), ("Right", 1.0 - 0.01 * style[3])):
        lid = (out[:, C["eyeBlink" + side]] + rest * (1 - 0.6 * out[:, C["eyeWide" + side]].clip(0, 1))).clip(0, 0.6)
        out[:, C["eyeBlink" + side]] = lid + (1 - lid) * blink * tilt
        out[:, C["eyeWide" + side]] *= 1 - blink
        out[:, C["eyeSquint" + side]] += 0.12 * blink
        out[:, C["browDown" + side]] += 0.03 * blink
