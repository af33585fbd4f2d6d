"""Cues of a voice, against its own neutral when there is a reference, else against other people's."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from genstudio.errors import MediaError
from genstudio.protocols import Speech

from ..speech.f0 import HOP
from ..speech.features import Frames, analyse, prepare
from ..speech.functionals import functionals
from .cues import NOTABLE, Cue, norms, percent
from .published import VOICE, typical

_DIP = 2.0  # dB
_LONGEST = 60.0  # seconds measured
# cue: (functional, unit, words when lower, words when higher)
_CUES = {
    "pitch": ("f0.p50", "Hz", "pitch lower", "pitch higher"),
    "pitch range": (
        "f0.range",
        "semitones from the 20th to the 80th percentile",
        "pitch range narrower",
        "pitch range wider",
    ),
    "tempo": ("", "syllables a second", "slower", "faster"),
    "level range": ("level.range", "dB", "loudness more even", "loudness more varied"),
    "brightness": ("alpha.v.mean", "dB above against below 1 kHz", "voice darker", "voice brighter"),
    "clearness": ("hnr.mean", "dB harmonics to noise", "voice breathier or rougher", "voice clearer"),
    "pauses": ("pause.share", "of the time", "fewer pauses", "more pauses"),
}
NAMES = tuple(_CUES)


def measured(speech: Speech) -> dict[str, float]:
    """Every cue of a recording by name, NaN where it cannot be measured (nothing voiced), and 'voiced', the share of the time that
    is. Pitch in Hz. Raises MediaError."""
    x = np.asarray(speech.samples, np.float32)[: int(_LONGEST * speech.rate)]
    if len(x) < 0.3 * speech.rate or float(np.abs(x).max()) < 1e-3:
        raise MediaError("the recording is silent or too short to measure; 0.3 s of a voice are needed")
    frames = analyse(prepare(x, speech.rate))
    found = functionals(frames)
    out = {name: float(found[f]) if f else syllable_rate(frames) for name, (f, *_) in _CUES.items()}
    out["pitch"] = 27.5 * 2 ** (out["pitch"] / 12)
    return out | {"voiced": float(found["voiced.share"])}


def syllable_rate(frames: Frames) -> float:
    """Syllable nuclei a second between first and last sound: voiced peaks of the smoothed level that stand 2 dB above their
    surroundings (after de Jong & Wempe 2009)."""
    from scipy.ndimage import gaussian_filter1d
    from scipy.signal import find_peaks

    level = gaussian_filter1d(frames.level.astype(float), 2.5)
    peaks, _ = find_peaks(level, prominence=_DIP, height=float(np.median(level[frames.active])))
    voiced = gaussian_filter1d((frames.f0 > 0).astype(float), 1.0) > 0.5
    return float((voiced[peaks] & frames.active[peaks]).sum() / max(frames.active.sum() * HOP, 0.1))


def mean_of(several: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """The mean of each cue over recordings; pitch as a geometric mean."""

    def middle(name: str) -> float:
        values = np.array([m[name] for m in several], float)
        values = values[np.isfinite(values)]
        if not values.size:
            return float("nan")
        return float(np.exp(np.log(values).mean())) if name == "pitch" else float(values.mean())

    return {name: middle(name) for name in NAMES}


def cues(here: Mapping[str, float], own: Mapping[str, float] | None = None) -> tuple[Cue, ...]:
    """Cues against this voice's own neutral (`own`), or against neutral recordings of other people.

    Against others there is no normal pitch: it depends on who speaks, so its level is then told without a judgement.
    """
    table = norms()["voice"]
    against = "this voice's neutral" if own else f"neutral recordings of {table['people']} people"
    out = []
    for name, (_, unit, low, high) in _CUES.items():
        value = here[name]
        if not math.isfinite(value):
            continue
        figures = table["cues"][name]
        if own is None and name == "pitch":
            out.append(Cue(name, round(value, 1), unit, None, None, "", f"median pitch {value:.0f} Hz"))
            continue
        normal = own[name] if own else figures["mean"]
        if not math.isfinite(normal):
            continue
        spread = figures["within" if own else "between"]
        apart = 12 * math.log2(value / normal) if name == "pitch" else value - normal
        z = apart / spread
        word = high if z > 0 else low
        if name == "pitch":
            clause = f"pitch {percent(value, normal)} {against} ({value:.0f} against {normal:.0f} Hz)"
        elif name == "pauses":
            clause = f"{word} ({100 * value:.0f} against {100 * normal:.0f} % of the time)"
        else:
            clause = f"{word} ({value:.1f} against {normal:.1f} {unit})"
        fits = typical(VOICE, name, z) if abs(z) >= NOTABLE else ()
        out.append(Cue(name, round(value, 3), unit, round(normal, 3), round(z, 2), against, clause, fits))
    return tuple(out)
