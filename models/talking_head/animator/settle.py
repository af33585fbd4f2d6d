"""Coefficients as a face can follow them: lids and lips do not pass through each other, the upper lip stays on its teeth."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from genstudio.signals.arkit import CHANNELS
from genstudio.signals.shapes import smoothstep

from . import face_model

if TYPE_CHECKING:
    from .rig import Rig

F32 = NDArray[np.float32]

AT = {name: k for k, name in enumerate(CHANNELS)}
LOOK = 0.61  # radians of an eye at eyeLook 1: the slope in Live Link Face captures
LID_CLOSED = -0.06  # overlap of the lids in a full blink, over the eye's opening at rest
LIFT_FREE, LIFT_MOST = 0.9, 1.3  # cm that the upper lip rises freely, and at most: the teeth's crowns and a little gum
# jawOpen, less what mouthClose takes of it, at which what presses the lips together begins to give way, and has: it would
# shut them again
PRESS_FREE, PRESS_GONE = 0.02, 0.08
CLOSE_PER_JAW = 1.19  # mouthClose 1 shuts what jawOpen 1.19 opens, by the face model's inner lips
PRESSERS = ("mouthShrugLower", "mouthPressLeft", "mouthPressRight")
LIFTERS = ("noseSneerLeft", "noseSneerRight", "mouthUpperUpLeft", "mouthUpperUpRight", "mouthShrugUpper")


@cache
def _lift() -> F32:
    """How far each shape raises the upper lip left and right of the middle, model units, [2, 52]."""
    model = face_model.load()
    out = model.expression[:, model.landmarks[[63, 61]], 1].T.copy()
    out[:, [k for name, k in AT.items() if k < 52 and name not in LIFTERS]] = 0
    return np.asarray(out, np.float32)


def _limit_lift(v: F32) -> None:
    """Sneer and lip raisers together lift the upper lip up to LIFT_MOST, in place: mouthUpperUp gives way."""
    lift = _lift()
    asked = lift @ v[:52]
    beyond = LIFT_MOST - LIFT_FREE
    excess = asked - np.where(asked > LIFT_FREE, LIFT_FREE + beyond * np.tanh((asked - LIFT_FREE) / beyond), asked)
    if excess.any():
        raisers = [AT["mouthUpperUpLeft"], AT["mouthUpperUpRight"]]
        v[raisers] -= np.minimum(np.linalg.solve(lift[:, raisers], excess), np.maximum(v[raisers], 0))


def settle(values: F32, r: Rig) -> tuple[F32, tuple[tuple[float, float], tuple[float, float]]]:
    """Shape coefficients [52] that keep lids and lips from passing through each other, and each eye's shift in pixels.

    The subject's left eye comes first. eyeLook coefficients and gaze channels say the same: the larger one counts.
    """
    v = np.clip(values[:52], -0.25, 1.6)
    _limit_lift(v)
    v[AT["mouthClose"]] = min(v[AT["mouthClose"]], max(v[AT["jawOpen"]], 0.0))
    parted = float(v[AT["jawOpen"]] - CLOSE_PER_JAW * v[AT["mouthClose"]])
    v[[AT[name] for name in PRESSERS]] *= 1 - smoothstep(parted, PRESS_FREE, PRESS_GONE)
    v[AT["tongueOut"]] = smoothstep(float(v[AT["tongueOut"]]), 0.3, 0.8)  # it slips past the lips, never through them
    shifts = []
    for k, side in enumerate(("Left", "Right")):
        low = side.lower()
        inward = 1.0 if side == "Left" else -1.0  # positive yaw is towards the subject's right
        yaw = LOOK * inward * (v[AT[f"eyeLookIn{side}"]] - v[AT[f"eyeLookOut{side}"]])
        pitch = LOOK * (v[AT[f"eyeLookDown{side}"]] - v[AT[f"eyeLookUp{side}"]])
        yaw, pitch = (
            max(a, b, key=abs) for a, b in ((yaw, values[AT[f"{low}EyeYaw"]]), (pitch, values[AT[f"{low}EyePitch"]]))
        )
        yaw, pitch = float(np.clip(yaw, -0.6, 0.6)), float(np.clip(pitch, -0.5, 0.55))
        v[AT[f"eyeLookDown{side}"]] = max(pitch, 0) / LOOK
        v[AT[f"eyeLookUp{side}"]] = max(-pitch, 0) / LOOK
        ball = 1.22 * r.scale
        shifts.append((-ball * float(np.sin(yaw)), ball * float(np.sin(pitch))))
        _close_lid(v, r, k, side)
    return v, (shifts[0], shifts[1])


def _close_lid(v: F32, r: Rig, k: int, side: str) -> None:
    """Scales a blink so that 1 just closes this eye, whatever else moves its lids."""
    blink = AT[f"eyeBlink{side}"]
    slope = r.lid_slope[k]
    asked, v[blink] = float(v[blink]), 0.0
    rest = r.lid_gap[k]
    if not r.eyes[k].open or slope[blink] > -1e-3:
        return
    for name, share in ((f"eyeLookDown{side}", 0.75), (f"eyeSquint{side}", 0.75)):
        v[AT[name]] *= share  # the model's own lids come down further than eyes do
    gap = rest + float(slope @ v)
    floor = 0.12 * rest
    if gap < floor:  # squint and gaze alone never shut the eye
        others = min(float(slope @ np.where(slope * v < 0, v, 0)), -1e-6)
        share = np.clip((gap - floor) / others, 0, 1)
        for name in (f"eyeLookDown{side}", f"eyeSquint{side}", f"cheekSquint{side}"):
            v[AT[name]] *= 1 - share
        gap = rest + float(slope @ v)
    v[blink] = min(asked, 1.0) * (gap - LID_CLOSED * rest) / -slope[blink]
