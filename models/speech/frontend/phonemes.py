"""Words to phones with gruut (MIT; offline lexicons and letter-to-sound models for US English and German).

German takes gruut's second lexicon, which marks stress and is regular; its notation is mapped to the inventory.
"""

from __future__ import annotations

import os
import threading
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache, wraps
from typing import ParamSpec, TypeVar

from genstudio.errors import MissingExtraError, TextError

from .inventory import IDS

Phones = tuple[tuple[str, int], ...]  # (symbol, stress 0..2) in order
P = ParamSpec("P")
T = TypeVar("T")

_READER = ThreadPoolExecutor(1, thread_name_prefix="gruut")


def _in_readers_thread(function: Callable[P, T]) -> Callable[P, T]:
    """Run in the one thread that opened gruut's lexicons: SQLite lets no other one read them."""

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> T:
        if threading.current_thread().name.startswith("gruut"):
            return function(*args, **kwargs)
        return _READER.submit(function, *args, **kwargs).result()

    return call


_GRUUT = {"en": ("en-us", ""), "de": ("de", "espeak")}  # gruut's language and which of its lexicons
_PLAIN = {"detect_numbers": False, "detect_currency": False, "detect_dates": False, "detect_times": False}
_WEAK = {
    "en": frozenset(
        [
            "i",
            "you",
            "he",
            "she",
            "it",
            "we",
            "they",
            "me",
            "him",
            "us",
            "them",
            "my",
            "your",
            "his",
            "her",
            "its",
            "our",
            "their",
            "a",
            "an",
            "the",
            "and",
            "or",
            "but",
            "if",
            "as",
            "of",
            "at",
            "by",
            "for",
            "from",
            "in",
            "on",
            "to",
            "with",
            "than",
            "that",
            "is",
            "am",
            "are",
            "was",
            "were",
            "be",
            "been",
            "do",
            "does",
            "did",
            "have",
            "has",
            "had",
            "can",
            "could",
            "will",
            "would",
            "shall",
            "should",
            "may",
            "might",
            "must",
            "i'm",
            "i'd",
            "i'll",
            "i've",
            "it's",
            "he's",
            "she's",
            "you're",
            "we're",
            "they're",
            "there's",
        ]
    ),
    "de": frozenset(
        [
            "ich",
            "du",
            "er",
            "sie",
            "es",
            "wir",
            "ihr",
            "mich",
            "dich",
            "ihn",
            "uns",
            "euch",
            "ihm",
            "ihnen",
            "mir",
            "dir",
            "der",
            "die",
            "das",
            "den",
            "dem",
            "des",
            "ein",
            "eine",
            "einen",
            "einem",
            "einer",
            "eines",
            "und",
            "oder",
            "aber",
            "in",
            "im",
            "an",
            "am",
            "auf",
            "zu",
            "zum",
            "zur",
            "von",
            "vom",
            "mit",
            "bei",
            "beim",
            "für",
            "ist",
            "sind",
            "war",
            "bin",
            "hat",
            "habe",
            "haben",
            "wird",
            "werden",
            "dass",
            "daß",
            "wenn",
            "als",
            "wie",
            "so",
            "da",
            "man",
            "sich",
        ]
    ),
}  # words that are not stressed in running speech, whatever the dictionary says
_SAME = {
    "r": "ʁ", "ɾ": "ʁ", "χ": "x", "g": "ɡ", "ɜ": "ɐ", "aː": "ɑː", "ɒ": "ɔ", "ɔː": "ɔ", "ɑ̃": "ɔ̃", "ø": "øː", "e": "eː",
    "o": "oː", "ɜː": "øː", "ᵻ": "ɪ", "õː": "ɔ̃", "ãː": "ɔ̃", "ɛ̃ː": "ɛː", "aɪ̯": "aɪ", "aʊ̯": "aʊ", "ɔʏ̯": "ɔʏ", "ɬ": "l",
    "ɔ̃": "ɔ̃", "ʲ": "j",
}  # fmt: skip
_SPLIT = {"n̩": ("ə", "n"), "p͡f": ("p", "f"), "t͡s": ("t", "s")}
_PAIRS = {
    ("a", "ɪ"): "aɪ", ("a", "ʊ"): "aʊ", ("ɔ", "ø"): "ɔʏ", ("ɔ", "ʏ"): "ɔʏ", ("t", "ʃ"): "t͡ʃ", ("d", "ʒ"): "d͡ʒ",
}  # fmt: skip


def _settings(language: str):  # type: ignore[no-untyped-def]
    try:
        from gruut.text_processor import TextProcessor
    except ImportError as error:  # pragma: no cover - a plain install has gruut
        raise MissingExtraError("gruut", "speech", "speaking text") from error
    name, prefix = _GRUUT[language]
    return TextProcessor(default_lang=name, model_prefix=prefix), name


@lru_cache(maxsize=4)
def _processor(language: str):  # type: ignore[no-untyped-def]
    return _settings(language)


def _anew_after_fork() -> None:
    """A forked process has none of its parent's threads: it gets a reader of its own, with the lexicons opened by it."""
    global _READER
    _READER = ThreadPoolExecutor(1, thread_name_prefix="gruut")
    _processor.cache_clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_anew_after_fork)


def to_inventory(raw: list[str], language: str) -> Phones:
    """gruut's phones of one word to (symbol, stress) of the inventory.

    >>> to_inventory(["ˈɔ", "θ", "ɚ"], "en")
    (('ɔ', 2), ('θ', 0), ('ɚ', 0))
    """
    flat: list[tuple[str, int]] = []
    for phone in raw:
        phone = unicodedata.normalize("NFC", phone)
        stress = 2 if "ˈ" in phone else 1 if "ˌ" in phone else 0
        phone = phone.strip("ˈˌ")
        for part in _SPLIT.get(phone, (phone,)):
            flat.append((part, stress))
    merged: list[tuple[str, int]] = []  # German: "a" "ɪ" is one diphthong
    for phone, stress in flat:
        if language == "de" and merged and (merged[-1][0], phone) in _PAIRS:
            merged[-1] = (_PAIRS[(merged[-1][0], phone)], max(merged[-1][1], stress))
        else:
            merged.append((phone, stress))
    out = []
    for phone, stress in merged:
        symbol = phone if phone in IDS else _SAME.get(phone, "")
        if language == "de" and phone in ("r", "ɹ"):
            symbol = "ʁ"
        if symbol in IDS:
            out.append((symbol, stress))
    return tuple(out)


@lru_cache(maxsize=50_000)
@_in_readers_thread
def _word(word: str, language: str) -> Phones:
    processor, name = _processor(language)
    settings = processor.get_settings(name)
    raw = None
    for form in dict.fromkeys((word, word.lower(), word.capitalize())):
        raw = settings.lookup_phonemes(form) if settings.lookup_phonemes else None
        if raw:
            break
    if not raw and settings.guess_phonemes:
        raw = settings.guess_phonemes(word.lower())
    return to_inventory(list(raw or ()), language)


@_in_readers_thread
def in_lexicon(word: str, language: str) -> bool:
    """Whether the dictionary holds a word (in any case)."""
    processor, name = _processor(language)
    look = processor.get_settings(name).lookup_phonemes
    return bool(look and (look(word) or look(word.lower()) or look(word.capitalize())))


@_in_readers_thread
def phonemize(words: list[str], language: str) -> list[Phones]:
    """Phones of every word of one sentence, homographs told apart by gruut's part-of-speech tags where it has them."""
    if not words:
        return []
    out: list[Phones] | None = None
    if language == "en":
        processor, name = _processor(language)
        try:
            graph, root = processor(" ".join(words), lang=name, **_PLAIN)
            found = [w for s in processor.sentences(graph, root) for w in s.words if w.is_spoken]
            if [w.text.lower() for w in found] == [w.lower() for w in words]:
                out = [to_inventory(list(w.phonemes or ()), language) for w in found]
        except (KeyError, ValueError, AttributeError, IndexError):
            out = None
    result = []
    for i, word in enumerate(words):
        phones = out[i] if out and out[i] else _word(word, language)
        if not phones:
            raise TextError(f"no voice knows how to say '{word[:40]}': write it in {language} letters")
        if word.lower() in _WEAK[language]:
            phones = tuple((symbol, 0) for symbol, _ in phones)
        result.append(phones)
    return result
