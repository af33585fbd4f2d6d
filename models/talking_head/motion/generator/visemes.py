"""Phones to mouth shapes with coarticulation.

Dominance functions after Cohen & Massaro 1993 ("Modeling coarticulation in synthetic visual speech"): each segment s pulls
articulator p with D = alpha exp(-theta |tau|), and the shape is the dominance-weighted mean of the targets; tau is here the
distance to the segment's core, so that long vowels and pauses reach their target. Rules after JALI (Edwards, Landreth,
Fiume & Singh 2016): bilabials close the lips, labiodentals touch the teeth, sibilants narrow the jaw, lip-heavy visemes
start early and end late, visible speech leads the sound, loudness opens the jaw. Targets are those of the prototype that was
read by a recogniser, refined by looking.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from genstudio.protocols import Span
from genstudio.signals.arkit import CHANNELS

if TYPE_CHECKING:
    F32 = NDArray[np.float32]

_JAW = ("jawOpen", "jawForward", "tongueOut")
_LIPS = (
    "mouthClose", "mouthLowerDown", "mouthUpperUp", "mouthRollLower", "mouthRollUpper", "mouthPress", "mouthShrugLower",
    "mouthShrugUpper", "cheekPuff",
)  # fmt: skip
_ROUND = ("mouthFunnel", "mouthPucker", "mouthSmile", "mouthStretch", "mouthDimple")
GROUPS = (_JAW, _LIPS, _ROUND)
"""Articulators that share one set of dominance functions; names without side mean both sides."""

VISEMES: dict[str, dict[str, float]] = {
    "SIL": {"mouthPress": 0.04},
    "PP": {"jawOpen": 0.03, "mouthClose": 0.03, "mouthPress": 0.36, "mouthRollLower": 0.30, "mouthRollUpper": 0.20},
    "FF": {"jawOpen": 0.05, "mouthRollLower": 0.50, "mouthUpperUp": 0.22, "mouthShrugLower": 0.12},
    "TH": {"jawOpen": 0.11, "mouthLowerDown": 0.22, "tongueOut": 0.10, "mouthUpperUp": 0.06},
    "DD": {"jawOpen": 0.10, "mouthLowerDown": 0.16, "mouthUpperUp": 0.05},
    "KK": {"jawOpen": 0.14, "mouthLowerDown": 0.13, "mouthUpperUp": 0.04},
    "CH": {"jawOpen": 0.07, "mouthFunnel": 0.48, "mouthPucker": 0.18, "mouthLowerDown": 0.14, "jawForward": 0.10},
    "SS": {"jawOpen": 0.045, "mouthStretch": 0.20, "mouthLowerDown": 0.24, "mouthUpperUp": 0.10, "jawForward": 0.05},
    "RR": {"jawOpen": 0.12, "mouthFunnel": 0.22, "mouthPucker": 0.24},
    "LL": {"jawOpen": 0.16, "mouthLowerDown": 0.18, "tongueOut": 0.03},
    "WW": {"jawOpen": 0.07, "mouthPucker": 0.68, "mouthFunnel": 0.12},
    "HH": {"jawOpen": 0.17, "mouthLowerDown": 0.10},
    "AA": {"jawOpen": 0.42, "mouthLowerDown": 0.25, "mouthUpperUp": 0.10},
    "AE": {"jawOpen": 0.36, "mouthStretch": 0.20, "mouthLowerDown": 0.30, "mouthUpperUp": 0.14},
    "AH": {"jawOpen": 0.22, "mouthLowerDown": 0.17, "mouthUpperUp": 0.04},
    "EH": {"jawOpen": 0.26, "mouthStretch": 0.18, "mouthLowerDown": 0.22, "mouthUpperUp": 0.06},
    "ER": {"jawOpen": 0.16, "mouthFunnel": 0.30, "mouthPucker": 0.15},
    "IH": {"jawOpen": 0.16, "mouthStretch": 0.15, "mouthLowerDown": 0.18, "mouthDimple": 0.05},
    "IY": {"jawOpen": 0.10, "mouthStretch": 0.26, "mouthSmile": 0.16, "mouthLowerDown": 0.20, "mouthDimple": 0.10},
    "OH": {"jawOpen": 0.33, "mouthFunnel": 0.46, "mouthPucker": 0.10},
    "UH": {"jawOpen": 0.15, "mouthPucker": 0.40, "mouthFunnel": 0.20},
    "UW": {"jawOpen": 0.09, "mouthPucker": 0.62, "mouthFunnel": 0.24},
    "OE": {"jawOpen": 0.17, "mouthPucker": 0.42, "mouthFunnel": 0.34},
}
"""ARKit targets of each viseme at full articulation."""

# alpha, theta before, theta after (1/s) for jaw, lips and rounding. Cohen & Massaro use theta about 20-40 /s for tight
# gestures; rounding starts some 150-250 ms ahead (Bell-Berti & Harris 1982), hence the small theta before it.
_DEFAULT = ((0.8, 22.0, 20.0), (0.8, 24.0, 22.0), (0.35, 18.0, 18.0))
_VOWEL = ((1.2, 20.0, 18.0), (1.0, 20.0, 18.0), (0.9, 16.0, 16.0))
_ROUNDED = ((1.0, 20.0, 18.0), (0.8, 20.0, 18.0), (2.0, 11.0, 14.0))
DOMINANCE: dict[str, tuple[tuple[float, float, float], ...]] = {
    "SIL": ((0.5, 9.0, 11.0), (0.5, 9.0, 11.0), (0.4, 8.0, 10.0)),
    "PP": ((1.6, 30.0, 28.0), (9.0, 42.0, 42.0), (0.15, 20.0, 20.0)),
    "FF": ((1.6, 28.0, 26.0), (6.0, 36.0, 36.0), (0.25, 20.0, 20.0)),
    "SS": ((2.6, 26.0, 26.0), (1.2, 24.0, 24.0), (0.5, 18.0, 18.0)),
    "CH": ((2.2, 26.0, 26.0), (1.2, 24.0, 24.0), (2.4, 13.0, 15.0)),
    "WW": ((1.4, 24.0, 24.0), (1.0, 24.0, 24.0), (3.2, 12.0, 14.0)),
    "RR": ((1.0, 22.0, 22.0), (0.8, 24.0, 22.0), (1.3, 14.0, 15.0)),
    "HH": ((0.15, 20.0, 20.0), (0.15, 20.0, 20.0), (0.1, 20.0, 20.0)),
    **dict.fromkeys(("AA", "AE", "AH", "EH", "IH", "IY"), _VOWEL),
    **dict.fromkeys(("OH", "UH", "UW", "OE", "ER"), _ROUNDED),
}

_SYMBOLS = {
    "PP": "p b m P B M", "FF": "f v F V pf", "TH": "θ ð TH DH", "DD": "t d n ɾ T D N n̩ nn NN", "SS": "s z ts S Z",
    "KK": "k ɡ g ŋ x ç ɣ K G NG C X q", "CH": "tʃ dʒ ʃ ʒ SH ZH CH JH", "RR": "ɹ r ʁ R", "LL": "l ɫ L l̩", "WW": "w ʍ W",
    "HH": "h HH H ʔ ?", "AA": "ɑ a ɐ̯ AA", "AE": "æ AE", "AH": "ʌ ə ɐ AH AX @ 6", "EH": "ɛ e ɛː EH E", "ER": "ɚ ɝ ɜ ER",
    "IH": "ɪ IH I", "IY": "i j IY Y", "OH": "ɔ o ɒ AO O", "UH": "ʊ UH U", "UW": "u UW", "OE": "ø œ y ʏ 2 9",
}  # fmt: skip
_DIPHTHONGS = {
    "aɪ": ("AA", "IY"), "AY": ("AA", "IY"), "aI": ("AA", "IY"), "aʊ": ("AA", "UW"), "AW": ("AA", "UW"), "aU": ("AA", "UW"),
    "eɪ": ("EH", "IY"), "EY": ("EH", "IY"), "oʊ": ("OH", "UW"), "OW": ("OH", "UW"), "ɔɪ": ("OH", "IY"), "OY": ("OH", "IY"),
    "ɔʏ": ("OH", "OE"), "ɔʏ̯": ("OH", "OE"), "aɪ̯": ("AA", "IY"), "aʊ̯": ("AA", "UW"),
}  # fmt: skip
_SAMPA = {  # EmoDB's labels where they differ from IPA and ARPAbet
    "S": "CH", "Z": "CH", "N": "KK", "R": "RR", "C": "KK", "X": "KK", "x": "KK", "T": "TH", "D": "DD", "B": "PP", "G": "KK",
    "V": "FF", "H": "HH", "Y": "OE", "L": "LL", "M": "PP", "O": "OH", "E": "EH", "I": "IH", "U": "UH", "9": "OE", "2": "OE",
    "4": "DD", "i6": "IY", "a6": "AA", "E6": "EH", "@6": "AH", "ai": "AA", "I6": "IH", "(": "SIL", "(gef": "SIL",
}  # fmt: skip


@lru_cache(maxsize=4096)
def visemes_of(symbol: str, sampa: bool = False) -> tuple[str, ...]:
    """One viseme, two for a diphthong, () for silence or an unknown symbol. IPA, ARPAbet, or SAMPA when asked.

    >>> visemes_of("m"), visemes_of("AY"), visemes_of("ʃ"), visemes_of("S"), visemes_of("S", sampa=True)
    (('PP',), ('AA', 'IY'), ('CH',), ('SS',), ('CH',))
    """
    bare = symbol.strip("ˈˌ'").rstrip("ː:0123456789") if len(symbol) > 1 else symbol
    bare = bare.replace("\u0361", "")
    if bare in _DIPHTHONGS:
        return _DIPHTHONGS[bare]
    if sampa and (symbol in _SAMPA or bare in _SAMPA):
        found = _SAMPA.get(symbol, _SAMPA.get(bare, "SIL"))
        return () if found == "SIL" else (found,)
    for viseme, symbols in _SYMBOLS.items():
        if bare in symbols.split():
            return (viseme,)
    return (visemes_of(bare[0], sampa) or ()) if len(bare) > 1 else ()


NAMES = tuple(VISEMES)
ALPHA = np.array([[g[0] for g in DOMINANCE.get(v, _DEFAULT)] for v in NAMES], np.float32)  # [visemes, groups]
BEFORE = np.array([[g[1] for g in DOMINANCE.get(v, _DEFAULT)] for v in NAMES], np.float32)
AFTER = np.array([[g[2] for g in DOMINANCE.get(v, _DEFAULT)] for v in NAMES], np.float32)
LEAD = 0.045  # seconds by which visible gestures precede the sound (JALI; Chandrasekaran et al. 2009 find 0.1-0.3 at onsets)
_REACH = 0.6  # seconds beyond which a segment no longer pulls


def _columns(names: Sequence[str]) -> list[list[int]]:
    index = {c: i for i, c in enumerate(CHANNELS)}
    return [[index[n]] if n in index else [index[n + "Left"], index[n + "Right"]] for n in names]


MATRICES = []
"""Per group: float32 [visemes, 62] targets."""
for _group in GROUPS:
    _m = np.zeros((len(NAMES), len(CHANNELS)), np.float32)
    for _name, _cols in zip(_group, _columns(_group), strict=True):
        for _v, _viseme in enumerate(NAMES):
            _m[_v, _cols] = VISEMES[_viseme].get(_name, 0.0)
    MATRICES.append(_m)


@dataclass(frozen=True)
class Segments:
    """Visemes in time. start, end: float32 [n] seconds; viseme: int [n] index into NAMES; gaps are SIL segments."""

    start: F32
    end: F32
    viseme: NDArray[np.int64]


def segments(phones: Sequence[Span], duration: float, sampa: bool = False) -> Segments:
    """Timed phones to viseme segments over [0, duration], diphthongs split, pauses above 60 ms filled with SIL."""
    rows: list[tuple[float, float, int]] = []
    last = 0.0
    for p in phones:
        found = visemes_of(p.text, sampa)
        if not found or p.start >= duration:
            continue
        if p.start - last > 0.06:
            rows.append((last, p.start, 0))
        cut = p.start + 0.6 * (p.end - p.start)
        edges = (p.start, p.end) if len(found) == 1 else (p.start, cut, p.end)
        rows += [(a, b, NAMES.index(v)) for v, a, b in zip(found, edges[:-1], edges[1:], strict=True)]
        last = p.end
    if duration - last > 0.06:
        rows.append((last, duration, 0))
    table = np.array(rows, np.float32).reshape(-1, 3)
    return Segments(table[:, 0], table[:, 1], table[:, 2].astype(np.int64))


def bumps(times: F32, start: F32, end: F32, rise: float, fall: float) -> F32:
    """Largest over segments of exp(-distance/scale) like pulses that are 1 inside [start, end]. float32 [times]."""
    out = np.zeros(len(times), np.float32)
    step = float(times[1] - times[0]) if len(times) > 1 else 1.0
    for a, b in zip(start, end, strict=True):
        lo, hi = int((a - 4 * rise - times[0]) / step), int((b + 4 * fall - times[0]) / step) + 2
        t = times[max(lo, 0) : max(hi, 0)]
        if len(t):
            x = np.maximum((a - t) / rise, (t - b) / fall).clip(0)
            view = out[max(lo, 0) : max(lo, 0) + len(t)]
            np.maximum(view, np.exp(-x * x), out=view)
    return out


def closure(times: F32, start: F32, end: F32) -> F32:
    """How closed the lips are at `times` for m, b, p from start to end: float32 [times], 0..1.

    The closure of a stop takes the first two thirds of its label, the rest is its burst.
    """
    return bumps(times, start - 0.012, start + 0.65 * (end - start), 0.045, 0.040)


def articulate(s: Segments, times: F32, spread: float = 1.0) -> tuple[F32, F32, F32]:
    """Mouth shape of speech at `times` (seconds, evenly spaced).

    Returns shape float32 [times, 62] (mouth channels only), closure [times] (1 where m, b, p close the lips) and
    activity [times] (1 in speech, 0 in pauses). spread above 1 blurs gestures into each other.
    """
    from scipy.sparse import csr_matrix

    step = float(times[1] - times[0])
    n = len(s.viseme)
    core_a, core_b = s.start - LEAD, s.end - LEAD
    middle, half = (core_a + core_b) / 2, (core_b - core_a) / 2
    silent = s.viseme == 0
    keep = np.where(silent, 0.9, 0.45).astype(np.float32) * half  # the core where the target itself holds
    first = np.floor((core_a - _REACH - times[0]) / step).astype(int)
    width = int((2 * _REACH + float((2 * half[~silent]).max(initial=0.1))) / step) + 2
    long = int((2 * _REACH + float((2 * half).max(initial=0.1))) / step) + 2
    out = np.zeros((len(times), len(CHANNELS)), np.float32)
    rows, cols = [], []
    for mask, w in ((~silent, width), (silent, long)):
        index = np.nonzero(mask)[0]
        frame = first[index][:, None] + np.arange(w)[None]
        seg = np.broadcast_to(index[:, None], frame.shape)
        ok = (frame >= 0) & (frame < len(times))
        rows.append(frame[ok])
        cols.append(seg[ok])
    row, col = np.concatenate(rows), np.concatenate(cols)
    delta = times[row] - middle[col]
    distance = np.maximum(np.abs(delta) - keep[col], 0)
    before = delta < 0
    for g, matrix in enumerate(MATRICES):
        v = s.viseme[col]
        theta = np.where(before, BEFORE[v, g], AFTER[v, g]) / spread
        d = csr_matrix((ALPHA[v, g] * np.exp(-theta * distance) + 1e-9, (row, col)), shape=(len(times), n))
        total = np.asarray(d.sum(axis=1)).ravel() + 1e-6
        out += (d @ matrix[s.viseme]) / total[:, None]
    lips = s.viseme == NAMES.index("PP")
    speaking = ~silent
    activity = bumps(times, s.start[speaking] - LEAD, s.end[speaking] - LEAD, 0.10, 0.16)
    return out, closure(times, s.start[lips], s.end[lips]), activity
