"""Where each English word and phone is in a recording whose words are known: forced alignment by pocketsphinx.

pocketsphinx carries its US English model and dictionary in its wheel, so this works offline, at about a second a sentence.
Words outside its dictionary are pronounced by gruut when that is installed, else skipped. Times have a 10 ms grain.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from genstudio.errors import TextError
from genstudio.protocols import Span

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SPHINX_RATE = 16_000  # Hz, what the acoustic model was trained on
SPHINX_FRAME = 0.01  # seconds
_PAD = 0.3  # seconds of faint noise put before and after, so that the first and last phone do not swallow the silence

ARPABET_TO_IPA: dict[str, str] = {
    "AA": "ɑ", "AE": "æ", "AH": "ʌ", "AO": "ɔ", "AW": "aʊ", "AY": "aɪ", "B": "b", "CH": "tʃ", "D": "d", "DH": "ð",
    "EH": "ɛ", "ER": "ɚ", "EY": "eɪ", "F": "f", "G": "ɡ", "HH": "h", "IH": "ɪ", "IY": "i", "JH": "dʒ", "K": "k",
    "L": "l", "M": "m", "N": "n", "NG": "ŋ", "OW": "oʊ", "OY": "ɔɪ", "P": "p", "R": "ɹ", "S": "s", "SH": "ʃ",
    "T": "t", "TH": "θ", "UH": "ʊ", "UW": "u", "V": "v", "W": "w", "Y": "j", "Z": "z", "ZH": "ʒ",
}  # fmt: skip
"""The 39 phones of the CMU dictionary in IPA, as gruut writes US English."""

_IPA_TO_ARPABET = {ipa: arpabet for arpabet, ipa in ARPABET_TO_IPA.items()} | {"ə": "AH", "ɝ": "ER", "r": "R", "g": "G"}


def align(samples: NDArray[np.float32], rate: int, text: str) -> list[Span]:
    """Phones (IPA) of `text` in the recording, in time order; silences are the gaps between them.

    samples: float32 [samples], -1..1, mono; rate in Hz. `align_words` gives the words too.
    """
    return align_words(samples, rate, text)[1]


def align_words(samples: NDArray[np.float32], rate: int, text: str) -> tuple[list[Span], list[Span]]:
    """(words, phones) of `text` in the recording; both empty when the text does not fit what is heard."""
    decoder = _decoder()
    words = [w for w in _normalise(text) if _known(decoder, w)]
    if not words:
        raise TextError(f"nothing to align in {text[:40]!r}: give the English words that are spoken")
    pcm = _pcm16(samples, rate)
    decoder.set_align_text(" ".join(words))
    try:
        _decode(decoder, pcm)
        decoder.set_alignment()
        _decode(decoder, pcm)
        found = decoder.get_alignment()
    except RuntimeError:  # no path through the words: the recording says something else
        return [], []
    if found is None:
        return [], []
    duration = len(samples) / rate
    spoken: list[Span] = []
    phones: list[Span] = []
    for word in found:
        if word.name.startswith(("<", "[", "+")):  # <s>, <sil>, [NOISE], +BREATH+
            continue
        spoken.append(_span(re.sub(r"\(\d+\)$", "", word.name), word, duration))
        phones += [_span(ARPABET_TO_IPA[p.name], p, duration) for p in word if p.name in ARPABET_TO_IPA]
    return spoken, phones


def _span(text: str, entry: Any, duration: float) -> Span:
    start = min(max(entry.start * SPHINX_FRAME - _PAD, 0.0), duration)
    end = min(max((entry.start + entry.duration) * SPHINX_FRAME - _PAD, 0.0), duration)
    return Span(text, round(start, 3), round(end, 3))


@lru_cache(maxsize=1)
def _decoder() -> Any:
    from pocketsphinx import Decoder

    return Decoder(samprate=SPHINX_RATE, bestpath=False, loglevel="FATAL")


def _decode(decoder: Any, pcm: bytes) -> None:
    decoder.start_utt()
    try:
        decoder.process_raw(pcm, full_utt=True)
    finally:
        decoder.end_utt()


def _pcm16(samples: NDArray[np.float32], rate: int) -> bytes:
    import numpy as np

    x = np.asarray(samples, np.float32)
    if rate != SPHINX_RATE:
        import soxr

        x = soxr.resample(x, rate, SPHINX_RATE)
    peak = max(float(np.abs(x).max(initial=0.0)), 1e-4)
    pad = np.zeros(int(_PAD * SPHINX_RATE), np.float32)
    x = np.concatenate([pad, x * (0.7 / peak), pad])
    x += 3e-4 * np.random.default_rng(0).standard_normal(len(x), np.float32)  # digital silence upsets the cepstra
    return bytes((x * 32767).astype(np.int16).tobytes())


def _normalise(text: str) -> list[str]:
    """Lower-case words as the dictionary spells them."""
    return re.findall(r"[a-z]+(?:'[a-z]+)*", text.lower().replace("’", "'"))


def _known(decoder: Any, word: str) -> bool:
    if decoder.lookup_word(word):
        return True
    pronounced = _pronounce(word)
    if not pronounced:
        return False
    decoder.add_word(word, pronounced, True)
    return True


@lru_cache(maxsize=4096)
def _pronounce(word: str) -> str:
    """ARPAbet for a word outside the dictionary, '' when gruut is missing or knows no better."""
    try:
        import gruut
    except ImportError:
        return ""
    phones = [p for s in gruut.sentences(word, lang="en-us") for w in s for p in (w.phonemes or ())]
    bare = [re.sub("[ˈˌː\u0361]", "", p) for p in phones]
    arpabet = [_IPA_TO_ARPABET.get(p, "") for p in bare]
    return " ".join(a for a in arpabet if a)
