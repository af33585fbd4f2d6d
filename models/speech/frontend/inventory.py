"""One IPA inventory for both languages: phone symbols, ids, and the broad class of every phone.

Stress is not part of a symbol; it travels beside it. Symbols are those that gruut gives for US English and German after
`phonemes.py` has merged what its two lexicons write differently. Order is frozen: ids are part of the weights.
"""

from __future__ import annotations

PAUSE, COMMA, STOP = "_", ",", "."  # silence at an edge or between words; pause of a comma; pause of a sentence end
PAUSES = (PAUSE, COMMA, STOP)

_VOWELS = [
    "ɑ",
    "æ",
    "ɛ",
    "i",
    "ɪ",
    "ɔ",
    "ʊ",
    "ʌ",
    "u",
    "ə",
    "ɚ",
    "eɪ",
    "aɪ",
    "oʊ",
    "ɔɪ",
    "aʊ",
    "a",
    "ɑː",
    "ɛː",
    "eː",
    "iː",
    "oː",
    "œ",
    "øː",
    "uː",
    "ʏ",
    "yː",
    "ɐ",
    "ɔʏ",
    "ɔ̃",
]
_NASALS = ["m", "n", "ŋ"]
_LIQUIDS = ["l", "ɹ", "ʁ", "w", "j"]
_STOPS = ["p", "t", "k", "ʔ", "t͡ʃ"]
_VOICED_STOPS = ["b", "d", "ɡ", "d͡ʒ"]
_FRICATIVES = ["f", "θ", "s", "ʃ", "h", "ç", "x"]
_VOICED_FRICATIVES = ["v", "ð", "z", "ʒ"]

CLASSES = ("pause", "vowel", "nasal", "liquid", "stop", "voiced_stop", "fricative", "voiced_fricative")
_GROUPS = (PAUSES, _VOWELS, _NASALS, _LIQUIDS, _STOPS, _VOICED_STOPS, _FRICATIVES, _VOICED_FRICATIVES)

SYMBOLS: tuple[str, ...] = tuple(s for group in _GROUPS for s in group)
IDS: dict[str, int] = {s: i for i, s in enumerate(SYMBOLS)}
CLASS_OF: tuple[int, ...] = tuple(c for c, group in enumerate(_GROUPS) for _ in group)  # symbol id -> class id
VOICED: tuple[bool, ...] = tuple(CLASSES[c] in ("vowel", "nasal", "liquid", "voiced_fricative") for c in CLASS_OF)

LANGUAGES = ("en", "de")
KINDS = (".", "?", "!")  # how a sentence ends
STRESS = ("", "ˌ", "ˈ")  # none, secondary, primary
PLACES = ("first", "inside", "last", "only", "pause")  # of a phone in its word
