"""What a face does besides speaking and feeling: blinks, gaze, head motion, breath, rest.

Signs follow Live Link Face as seen in arkit_motion: pitch is positive downwards, yaw positive towards the subject's right.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]

# the median blink of arkit_motion (take alex_rom_3, 30 fps): closes in about 0.10 s, opens with a tail of 0.2 s
_BLINK_TIME = np.array([-0.135, -0.1, -0.067, -0.033, 0, 0.033, 0.067, 0.1, 0.133, 0.167, 0.2, 0.233, 0.27])
_BLINK_SHAPE = np.array([0, 0.02, 0.28, 0.80, 1, 0.79, 0.49, 0.24, 0.14, 0.07, 0.04, 0.02, 0])
LID_PER_PITCH = 0.9  # eyeBlink per radian of downward gaze (arkit_motion: 0.86 and 1.22)
LOOK_DOWN, LOOK_UP, LOOK_SIDE = 1.63, 2.37, 1.6  # eyeLook* per radian (arkit_motion, both range-of-motion takes)


def blinks(rng: np.random.Generator, times: F32, rate: F32, pause: F32) -> F32:
    """Lid closure 0..1. rate: blinks a minute over time; pause: 1 where nothing is said (blinks gather there)."""
    step = float(times[1] - times[0])
    out = np.zeros(len(times), np.float32)
    hazard = rate / 60 * step * (0.75 + 0.9 * pause)  # blinks fall on pauses (Hömke, Holler & Levinson 2017)
    draw = rng.random(len(times))
    quiet = -1.0
    for i in np.nonzero(draw < hazard * 1.25)[0]:
        at = times[i] + rng.uniform(0, step)
        if at < quiet:
            continue
        double = rng.random() < 0.08
        for extra in (0.0, 0.38) if double else (0.0,):
            slow = rng.lognormal(0.0, 0.14)
            shape = np.interp((times - at - extra) / slow, _BLINK_TIME, _BLINK_SHAPE, left=0, right=0)
            out = np.maximum(out, shape * rng.normal(0.93, 0.05))
        quiet = at + 0.55
    return out.astype(np.float32).clip(0, 1)


def smooth_noise(rng: np.random.Generator, frames: int, fps: float, cutoff: float, columns: int) -> F32:
    """Gaussian noise of unit deviation below `cutoff` Hz, float32 [frames, columns]."""
    n = 1 << int(np.ceil(np.log2(frames + fps / cutoff * 2)))
    f = np.fft.rfftfreq(n, 1 / fps)
    gain = 1 / (1 + (f / cutoff) ** 4)
    gain[0] = 0.4
    spectrum = (rng.standard_normal((len(f), columns)) + 1j * rng.standard_normal((len(f), columns))) * gain[:, None]
    x = np.fft.irfft(spectrum, n, axis=0)[:frames]
    return (x / np.sqrt((gain**2).sum() * 2) * n).astype(np.float32)


def gaze(rng: np.random.Generator, times: F32, dart: F32, away_pitch: F32, talking: F32) -> tuple[F32, F32]:
    """Yaw and pitch of the eyes in radians, relative to the viewer, by saccades and fixations.

    Sizes, directions and lengths after Lee, Badler & Badler 2002 ("Eyes alive"): size -6.9 ln(P/15.7) degrees with P in
    1..15, duration 25 ms + 2.4 ms a degree, gaze at the partner about 3.1 s (talking) and away 0.9 s; small fixation jumps besides.
    dart: how restless (1 normal); away_pitch: mean downward aversion in radians.
    """
    fps = 1 / float(times[1] - times[0])
    yaw, pitch = np.zeros(len(times), np.float32), np.zeros(len(times), np.float32)
    angles = np.deg2rad(np.arange(0, 360, 45))
    chance = np.array([15.54, 6.46, 17.69, 7.44, 16.80, 7.89, 20.38, 7.79])
    i, x, y, away = 0, 0.0, 0.0, False
    while i < len(times):
        d = float(dart[i])
        away = not away and rng.random() < 0.55
        if away:
            size = min(-6.9 * np.log(rng.uniform(1, 15) / 15.7), 14.0)
            a = rng.choice(angles, p=chance / chance.sum())
            nx, ny = np.deg2rad(size) * np.cos(a), -np.deg2rad(size) * np.sin(a) * 0.7 + away_pitch[i]
            hold = rng.gamma(1.6, 0.55) / d
        else:
            nx, ny = rng.normal(0, 0.012, 2)
            ny += 0.5 * away_pitch[i]
            hold = rng.gamma(1.4, (1.9 if talking[i] > 0.5 else 2.4)) / d
        length = 0.025 + 0.0024 * np.rad2deg(np.hypot(nx - x, ny - y))
        n = max(int(hold * fps), 3)
        ramp = np.clip((np.arange(n) + 0.6) / (length * fps), 0, 1)
        m = min(n, len(times) - i)
        yaw[i : i + m] = x + (nx - x) * ramp[:m]
        pitch[i : i + m] = y + (ny - y) * ramp[:m]
        x, y, i = nx, ny, i + n
    tremble = smooth_noise(rng, len(times), fps, 6.0, 2) * 0.0025  # arkit_motion: 0.002-0.003 rad in quiet frames
    return yaw + tremble[:, 0], pitch + tremble[:, 1]


def beats(
    rng: np.random.Generator, times: F32, accents: F32, strengths: F32, share: float
) -> tuple[F32, F32, F32, F32]:
    """Head and brow beats on accented syllables. accents: seconds; strengths: 0..1.

    Returns nod (pitch, radians), sway (yaw), brow raise (0..1) and lid pinch over time. Nods fall with the accent and last
    0.3-0.6 s (Hadar, Steiner & Clifford Rose 1983; Graf, Cosatto, Strom & Huang 2002); brows rise with many but not all F0 accents
    (Cavé et al. 1996).
    """
    out = np.zeros((4, len(times)), np.float32)
    for at, strength in zip(accents, strengths, strict=True):
        if rng.random() > share:
            continue
        length = rng.uniform(0.28, 0.6)
        x = (times - at - rng.normal(-0.02, 0.05)) / length
        pulse = np.where(np.abs(x) < 1, 0.5 + 0.5 * np.cos(np.pi * x), 0)
        rebound = np.where(np.abs(x - 1.1) < 1, 0.5 + 0.5 * np.cos(np.pi * (x - 1.1)), 0)
        out[0] += strength * rng.uniform(0.012, 0.045) * (pulse - 0.45 * rebound)
        out[1] += strength * rng.normal(0, 0.012) * pulse
        if rng.random() < 0.45:
            out[2] += strength * rng.uniform(0.12, 0.4) * pulse
        out[3] += strength * 0.06 * pulse
    return out[0], out[1], out[2], out[3]


def breath(rng: np.random.Generator, times: F32, onsets: F32, arousal: float) -> F32:
    """Breath -1..1: 12-18 a minute at rest, an intake before each phrase (onsets in seconds)."""
    rate = rng.uniform(0.2, 0.28) * (1 + 0.35 * max(arousal, -0.3))
    phase = 2 * np.pi * rate * times + rng.uniform(0, 6.3)
    out = 0.6 * np.sin(phase)
    for at in onsets:
        x = (times - (at - 0.25)) / 0.45
        out += np.where(np.abs(x) < 1, 0.6 * (0.5 + 0.5 * np.cos(np.pi * x)), 0)
    return out.astype(np.float32)
