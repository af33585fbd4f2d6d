"""Text to sentences of phones: what the acoustic model reads and what the timings are told in."""

from __future__ import annotations

from dataclasses import dataclass

from genstudio.errors import TextError
from genstudio.media.rates import MAX_TEXT

from .inventory import CLASS_OF, COMMA, IDS, KINDS, PAUSE, STOP, SYMBOLS
from .normalize import Token, tokenize
from .phonemes import Phones, phonemize

_LONGEST = 40  # words; a longer sentence is cut at a comma, or at a word if it has none


@dataclass(frozen=True)
class Word:
    """A token that is spoken: as written, where in the text, and the phones [first, last) of it in its sentence."""

    text: str
    start: int
    end: int
    first: int
    last: int


@dataclass(frozen=True)
class Sentence:
    """Phones of one sentence.

    ids: index into `inventory.SYMBOLS`; stress 0..2; place: index into `inventory.PLACES`; word: index into `words`, -1 in a
    pause; kind: index into `inventory.KINDS`. The first and the last phone are pauses.
    """

    ids: tuple[int, ...]
    stress: tuple[int, ...]
    place: tuple[int, ...]
    word: tuple[int, ...]
    kind: int
    words: tuple[Word, ...]
    language: str

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def symbols(self) -> tuple[str, ...]:
        return tuple(SYMBOLS[i] for i in self.ids)


def assemble(tokens: list[Token], phones: list[list[Phones]], language: str) -> Sentence:
    """Tokens of a sentence and the phones of each one's spoken words -> Sentence."""
    ids, stress, place, word_of = [IDS[PAUSE]], [0], [4], [-1]
    words: list[Word] = []
    kind = 0

    def pause(symbol: str) -> None:
        if ids[-1] < 3:  # one pause after another: the stronger stays
            ids[-1] = max(ids[-1], IDS[symbol]) if len(ids) > 1 else ids[-1]
            return
        ids.append(IDS[symbol])
        stress.append(0)
        place.append(4)
        word_of.append(-1)

    for token, spoken in zip(tokens, phones, strict=True):
        if token.mark:
            if token.mark != ",":
                kind = KINDS.index(token.mark)
            pause(COMMA if token.mark == "," else STOP)
            continue
        first = len(ids)
        for one in spoken:
            for i, (symbol, level) in enumerate(one):
                ids.append(IDS[symbol])
                stress.append(level)
                place.append(3 if len(one) == 1 else 0 if i == 0 else 2 if i == len(one) - 1 else 1)
                word_of.append(len(words))
        words.append(Word(token.text, token.start, token.end, first, len(ids)))
    pause(STOP)
    ids[-1] = IDS[STOP]
    return Sentence(tuple(ids), tuple(stress), tuple(place), tuple(word_of), kind, tuple(words), language)


def _sentences(tokens: list[Token]) -> list[list[Token]]:
    out: list[list[Token]] = [[]]
    count = 0
    for token in tokens:
        out[-1].append(token)
        count += len(token.words)
        ends = token.mark in (".", "?", "!") or (token.mark == "," and count >= _LONGEST * 0.6) or count >= _LONGEST
        if ends:
            out.append([])
            count = 0
    merged: list[list[Token]] = []
    for part in out:
        if any(t.words for t in part):
            merged.append(part)
        elif part and merged:
            merged[-1] += part
    return merged


def split_sentences(text: str, language: str) -> list[list[Token]]:
    """The text's tokens, sentence by sentence. Raises TextError for what cannot be spoken."""
    if not isinstance(text, str) or not text.strip():
        raise TextError("there is no text to speak: give a sentence")
    if len(text) > MAX_TEXT:
        raise TextError(f"the text has {len(text):,} characters; at most {MAX_TEXT:,} are spoken at once: split it")
    sentences = _sentences(tokenize(text, language))
    if not sentences:
        raise TextError("nothing in the text can be spoken: give words or numbers")
    return sentences


def read(text: str, language: str) -> list[Sentence]:
    """Whole text to sentences of phones.

    >>> read("Good day!", "en")[0].symbols
    ('_', 'ɡ', 'ʊ', 'd', 'd', 'eɪ', '.')
    """
    return [speakable(tokens, language) for tokens in split_sentences(text, language)]


def speakable(tokens: list[Token], language: str) -> Sentence:
    """One sentence's tokens to phones."""
    flat = [w for t in tokens for w in t.words]
    found = iter(phonemize(flat, language))
    return assemble(tokens, [[next(found) for _ in t.words] for t in tokens], language)


def is_pause(ids: tuple[int, ...] | list[int]) -> list[bool]:
    return [CLASS_OF[i] == 0 for i in ids]
