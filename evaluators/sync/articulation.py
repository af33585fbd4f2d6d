"""How far lips are apart while a phone is spoken: the training target of the sync evaluator.

Written for the evaluator alone, from phonetics rather than from the talking head's viseme generator: openness follows vowel
height and the place of consonants (Ladefoged & Johnson 2014, ch. 9; the order of inter-lip distances in Linker 1982 and
Robert-Ribes et al. 1998). Values are relative, 1 the most open vowel. Coarticulation is a smoothing of random width, since the
evaluator must not learn one speaker's or one program's timing; lips lead the sound by 20 to 100 ms (Chandrasekaran et al. 2009:
100 to 300 ms between the onsets of mouth movement and sound; Schwartz & Savariaux 2014: less within an utterance).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from genstudio.media.rates import VIDEO_FPS
from genstudio.protocols import Span

OPEN: dict[float, str] = {
    0.0: "p b m", 0.12: "f v w ʍ ɥ", 0.2: "s z ʃ ʒ ts tʃ dʒ u uː y yː", 0.3: "t d n r ɹ ʁ ɾ θ ð ʊ ʏ i iː j o oː øː",
    0.4: "k g ɡ ŋ l ɫ ç x ɪ ɚ ɜ ɝ ɜː e eː ø", 0.5: "h ʔ ə ɐ oʊ eɪ œ", 0.65: "ɛ ɔ ʌ ɔɪ ɔʏ ɛː", 0.85: "æ aʊ aɪ", 1.0: "a aː ɑ ɑː ɒ",
}  # fmt: skip
_OPENNESS = {symbol: value for value, symbols in OPEN.items() for symbol in symbols.split()}
_SAMPA = {
    "S": "ʃ", "Z": "ʒ", "N": "ŋ", "C": "ç", "E": "ɛ", "I": "ɪ", "O": "ɔ", "U": "ʊ", "Y": "ʏ", "9": "œ", "2": "ø", "@": "ə",
    "6": "ɐ", "R": "ʁ", "?": "ʔ", "aI": "aɪ", "aU": "aʊ", "OY": "ɔʏ", "H": "h", "T": "θ", "D": "ð",
}  # fmt: skip
_UNKNOWN = 0.4
_RATE = 200  # samples a second in which the curve is drawn


def openness(symbol: str) -> float:
    """0 (lips closed) to 1 of a phone in IPA or SAMPA.

    >>> openness("m"), openness("a:"), openness("S")
    (0.0, 1.0, 0.2)
    """
    bare = symbol.strip("ˈˌ'~").rstrip("ː:0123456789") if len(symbol) > 1 else symbol
    for name in (symbol, bare, _SAMPA.get(bare, ""), bare[:1], _SAMPA.get(bare[:1], "")):
        if name in _OPENNESS:
            return _OPENNESS[name]
    return _UNKNOWN


def opening(
    phones: Sequence[Span], seconds: float, level: NDArray[np.floating], random: np.random.Generator
) -> NDArray[np.float32]:
    """Lip opening at VIDEO_FPS, float32 [frames], arbitrary unit, one random performance of the phones.

    level: loudness 0..1 on any even grid over the recording; louder speech opens wider (Geumann 2001).
    """
    n = max(2, round(seconds * _RATE))
    rest = random.uniform(0, 0.12)
    target = np.full(n, rest)
    for p in phones:
        a, b = round(p.start * _RATE), round(p.end * _RATE)
        target[a:b] = openness(p.text) + random.normal(0, 0.06)
    loud = np.interp(np.linspace(0, 1, n), np.linspace(0, 1, len(level)), level)
    closed = target < 0.08
    target = target * (1 - (share := random.uniform(0.1, 0.5)) + share * loud * 1.3)
    target[closed] = 0
    width = random.uniform(0.035, 0.085) * _RATE  # seconds of smoothing
    reach = int(3 * width)
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / width) ** 2)
    smooth = np.convolve(np.pad(target, reach, mode="edge"), kernel / kernel.sum(), "valid")
    smooth = np.where(closed, np.minimum(smooth, 0.25 * smooth + 0.02), smooth)  # closures are made in full
    lead = random.uniform(0.02, 0.10)
    at = np.arange(max(1, round(seconds * VIDEO_FPS))) / VIDEO_FPS + 0.5 / VIDEO_FPS + lead
    return np.interp(at, np.arange(n) / _RATE, smooth).astype(np.float32)


def seen(curve: NDArray[np.float32], random: np.random.Generator) -> NDArray[np.float32]:
    """The curve as a landmark finder would see it: another scale and rest, jitter, drift, sometimes smoothed or with a gap."""
    n = len(curve)
    out = np.maximum(curve - random.uniform(0, 0.25), 0) ** random.uniform(
        0.6, 1.8
    )  # the inner lips meet before the jaw does
    out = out / max(float(out.max()), 1e-3) + random.uniform(-0.05, 0.25)
    out = out + np.interp(np.arange(n), np.linspace(0, n - 1, 4), random.normal(0, 0.06, 4))
    out = out + random.normal(0, random.uniform(0.005, 0.12), n)
    if random.random() < 0.4:
        out = np.convolve(np.pad(out, 1, mode="edge"), [0.25, 0.5, 0.25], "valid")
    if random.random() < 0.3:
        out = np.clip(out, None, np.quantile(out, random.uniform(0.7, 0.98)))
    if random.random() < 0.15 and n > 20:
        a = int(random.integers(0, n - 8))
        out[a : a + 6] = out[a]
    return out.astype(np.float32)
