"""Written text to spoken words, keeping for every token where in the text it came from.

Numbers, years, dates, times, money, percentages, ordinals, abbreviations, addresses and symbols become words; emoji are
skipped; another script is refused. `tokenize` is the only thing other modules use.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from genstudio.errors import TextError

from .numbers import clock, date, digits, money, month, number, ordinal, percent, roman, year
from .spoken import ABBREVIATIONS, COUNTED, FRACTIONS, LETTERS, RULERS, SIZES, SYMBOLS, TIMES

_LETTER = r"A-Za-zÀ-ÖØ-öø-ÿĀ-žẞ"
_TOKEN = re.compile(
    rf"""
    (?P<email>[\w.+-]+@[\w-]+(?:\.[\w-]+)+)
  | (?P<url>(?:https?://|www\.)[^\s<>"']*[\w/]|\b[\w-]+(?:\.[\w-]+)*\.(?:com|org|net|de|io|ai|edu|gov|uk|eu|ch|at)\b(?:/[\w/.%-]*\w)?)
  | (?P<money>[$€£¥]\s?\d(?:[\d.,]*\d)?
        (?:\s?(?:million|billion|thousand|Millionen|Mio\.?|Milliarden|Mrd\.?)\b|(?:k|m|bn)\b)?
        |\d(?:[\d.,]*\d)?\s?[$€£¥](?!\d))
  | (?P<isodate>\b\d{{4}}-\d{{2}}-\d{{2}}\b)
  | (?P<dmy>\b\d{{1,2}}\.\d{{1,2}}\.\d{{2,4}}\b)
  | (?P<mdy>\b\d{{1,2}}/\d{{1,2}}/\d{{2,4}}\b)
  | (?P<phone>(?:\+\d{{1,3}}[\s-]?)?(?:\(\d{{3}}\)\s?|\b\d{{3}}[-.])\d{{3}}[-.]\d{{4}}\b
        |\+\d{{1,3}}(?:[\s-]\d{{2,5}}){{2,4}}\b|\b\d+(?:-\d+){{2,}}\b|\b\d{{3}}-(?:0\d{{3}}|\d{{3}}[1-9])\b)
  | (?P<clock>\b\d{{1,2}}:\d{{2}}(?::\d{{2}})?(?:\s?(?:[ap]\.m\.|[ap]m\b)|\s?Uhr\b)?|\b\d{{1,2}}\s?(?:[ap]\.m\.|[ap]m\b))
  | (?P<fraction>\b(?:1/[23458]|2/3|3/4|24/7)\b(?!/)|[½⅓⅔¼¾])
  | (?P<percent>\d[\d.,]*\s?%|\d\s?%)
  | (?P<ordinal>\b\d+(?:st|nd|rd|th)\b|\b\d{{1,2}}\.(?=\s(?:Januar|Februar|März|April|Mai|Juni|Juli|August|September
        |Oktober|November|Dezember|Jahrhundert|Platz|Mal|(?:Jan|Feb|Apr|Jun|Jul|Aug|Sept?|Okt|Nov|Dez)\.)))
  | (?P<decade>\b[12]\d{{2}}0s\b|(?:['’]|\b)[2-9]0s\b)
  | (?P<height>\b\d{{1,2}}['’′]\s?\d{{1,2}}(?:["”″]|''|’’))
  | (?P<times>(?<=\d)\s?x\s?(?=\d))
  | (?P<size>(?<=[\d\s])[kcm]?m[²³])
  | (?P<to>(?<=\d)(?:\s?–\s?|-)(?=\d))
  | (?P<month>\b(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Okt|Nov|Dec|Dez)\.(?=\s?\d))
  | (?P<number>(?:(?<![\w)])[-−])?\d+(?:[.,]\d+)*)
  | (?P<roman>(?-i:\b[IVX]+\b(?!['’])))
  | (?P<abbr>(?:\b[zdu]\.\s?[bha]\.)|\b(?:e\.g\.|i\.e\.|[ap]\.m\.)|(?-i:\b(?:[A-Z]\.){{2,}})
        |\bNo\.(?=\s?\d)|\bkm/h\b|\bWWII?\b|\bw/o\b
        |\b(?:Mr|Mrs|Ms|Dr|Prof|St|vs|etc|approx|Jr|Sr|usw|Hr|Nr|Str|Mio|Mrd|ca|bzw)\.)
  | (?P<word>[{_LETTER}]+(?:['’][{_LETTER}]+)*['’]?)
  | (?P<mark>\.{{2,}}|…|[.!?]+|[,;:—–()\[\]{{}}"“”„«»]|-{{1,3}})
  | (?P<degrees>°\s?[CF]\b)
  | (?P<symbol>[&+=@%\#/°€$£_<>¥¢×÷±≈²³π])
  | (?P<space>\s+)
  | (?P<other>.)
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)  # fmt: skip


@dataclass(frozen=True)
class Token:
    """A piece of the text. words: what is said (empty for a mark); mark: '', ',', '.', '?' or '!'."""

    text: str
    start: int
    end: int
    words: tuple[str, ...] = ()
    mark: str = ""


def spell(text: str, language: str) -> list[str]:
    """Letter by letter: 'xyz' as 'ex why zee'."""
    names, out = LETTERS[language], []
    for c in text.lower():
        if c in names:
            out += names[c].replace("-", " ").split()
        elif c.isdigit():
            out += digits(c, language)
    return out


def _address(text: str, language: str) -> list[str]:
    text = re.sub(r"^https?://", "", text)
    dot, out = {"en": "dot", "de": "Punkt"}[language], []
    for part in re.findall(rf"[{_LETTER}]+|\d+|[^\w\s]|_", text):
        if part == ".":
            out.append(dot)
        elif part == "-":
            out.append({"en": "dash", "de": "Strich"}[language])
        elif part.isdigit():
            out += digits(part, language)
        elif part.isalpha():
            out += (
                spell(part, language) if part.lower() in ("www", "io", "ai", "uk", "eu", "de", "ch", "at") else [part]
            )
        elif part in SYMBOLS[language]:
            out += SYMBOLS[language][part].split()
    return out


def _word(text: str, language: str) -> list[str]:
    from .phonemes import in_lexicon

    text = text.replace("’", "'").strip("'") if not text.lower().endswith("in'") else text.replace("’", "'")
    low = text.lower()
    if low in ("km", "kg", "cm", "mm", "mph") and low in ABBREVIATIONS[language]:
        return ABBREVIATIONS[language][low].split()
    if text.isupper() and 2 <= len(text) <= 5 and not in_lexicon(text, language):
        return spell(text, language)
    if len(text) == 1 and low not in ("a", "i", "o"):
        return spell(text, language)
    if len(text) > 1 and not re.search("[aeiouyäöüáàâéèêíìîóòôúùûåæœø]", low) and not in_lexicon(text, language):
        return spell(text, language)
    if language == "en" and not text.isascii():
        text = "".join(
            c for c in unicodedata.normalize("NFKD", text.replace("ß", "ss")) if not unicodedata.combining(c)
        )
        text = text.replace("ø", "o").replace("æ", "ae").replace("œ", "oe").replace("ł", "l").replace("đ", "d")
    elif language == "de" and not re.fullmatch(r"[a-zäöüß']+", low):
        text = "".join(
            c
            if c in "äöüßÄÖÜ"
            else "".join(d for d in unicodedata.normalize("NFKD", c) if not unicodedata.combining(d))
            for c in text
        )
    return [text]


def _initials(text: str, language: str) -> list[str]:
    bare = text.replace(".", "")
    return spell(bare, language) if re.fullmatch(r"(?:[A-Z]\.){2,}", text) else _word(bare, language)


def _roman(text: str, before: list[Token], language: str) -> list[str]:
    """'Henry VIII', 'Chapter IV', 'Apollo XI'; a word, where no name or heading stands before it."""
    last, value = before[-1].text if before else "", roman(text)
    heading = last.lower() in COUNTED
    if value and (heading or (len(text) > 1 and last[:1].isupper() and not last.isupper())):
        if last.lower() not in RULERS:
            return number(str(value), language)
        return [{"en": "the", "de": "der"}[language], *ordinal(str(value), language)[:-1], _weak(value, language)]
    return _word(text, language)


def _weak(value: int, language: str) -> str:
    """The last word of an ordinal as it stands after an article."""
    return re.sub("er$", "e", ordinal(str(value), language)[-1]) if language == "de" else ordinal(str(value), "en")[-1]


def _initial(before: list[Token], rest: str) -> bool:
    """Whether a full stop belongs to the initial before it (J. K. Rowling, Ludwig XIV. kam), not to the sentence."""
    if before and re.fullmatch("[IVX]+", before[-1].text) and re.match(r"\s+[a-zäöü]", rest):
        return True
    if not before or not re.fullmatch("[A-HJ-Z]", before[-1].text) or not re.match(r"\s+[A-Z]", rest):
        return False
    return len(before) < 2 or before[-2].text[:1].isupper() or before[-2].mark in (".", "?", "!")


def _street(before: list[Token], rest: str) -> bool:
    """Whether 'St.' is a street (221 Baker St.) and no saint (St. Ives, Mount St. Helens)."""
    if not before or not re.fullmatch("[A-Z][a-z]+", before[-1].text):
        return False
    return not re.match(r"\s+[A-Z]", rest) or (len(before) > 1 and before[-2].text[:1].isdigit())


def _mark(text: str) -> str:
    if "?" in text:
        return "?"
    if "!" in text:
        return "!"
    if text in (".", "...", "…") or text.startswith(".."):
        return "."
    return "," if text in (",", ";", ":", "—", "–", "--", "---", "(", ")") else ""


def _refuse_script(char: str) -> None:
    if unicodedata.category(char) in ("Lo", "Lu", "Ll", "Lt"):
        name = unicodedata.name(char, "another script").split()[0].lower()
        raise TextError(f"no voice speaks {name} script ('{char}'): voices exist for English and German")


def tokenize(text: str, language: str) -> list[Token]:
    """Tokens of a text in order.

    >>> [w for t in tokenize("It costs $3.50!", "en") for w in t.words]
    ['It', 'costs', 'three', 'dollars', 'fifty']
    """
    out: list[Token] = []
    for match in _TOKEN.finditer(text):
        kind, piece = match.lastgroup or "", match.group()
        words: list[str] = []
        mark = ""
        if kind in ("email", "url"):
            words = _address(piece, language)
        elif kind == "money":
            words = money(piece, language)
        elif kind in ("isodate", "dmy", "mdy"):
            words = date(piece, kind, language)
        elif kind == "clock":
            words = clock(piece, language)
        elif kind == "phone":
            words = digits(piece, language)
        elif kind == "fraction":
            words = FRACTIONS[language][unicodedata.normalize("NFKC", piece).replace("⁄", "/")].split()
        elif kind == "height":
            feet, inches = re.findall(r"\d+", piece)
            words = [*number(feet, language), {"en": "foot", "de": "Fuß"}[language], *number(inches, language)]
        elif kind == "times":
            words = [TIMES[language]]
        elif kind == "size":
            names = SIZES[language]
            words = names[piece[-1]].format(names[piece[:-2].lower()]).split()
        elif kind == "to":
            words = [{"en": "to", "de": "bis"}[language]]
        elif kind == "degrees":
            words = [*SYMBOLS[language]["°"].split(), {"c": "celsius", "f": "fahrenheit"}[piece[-1].lower()]]
        elif kind == "percent":
            words = percent(piece, language)
        elif kind == "ordinal":
            words = ordinal(piece, language)
        elif kind == "month":
            words = month(piece, language)
        elif kind == "decade":
            words = year(int(re.sub(r"\D", "", piece)), language)
            words[-1] = re.sub("y$", "ie", words[-1]) + "s"
        elif kind == "number":
            words = number(piece, language)
        elif kind == "roman":
            words = _roman(piece, out, language)
        elif kind == "abbr":
            words = ABBREVIATIONS[language].get(piece.lower(), "").split() or _initials(piece, language)
            if piece.lower() == "st." and language == "en" and _street(out, text[match.end() :]):
                words = ["street"]
        elif kind == "word":
            words = _word(piece, language)
        elif kind == "symbol":
            words = SYMBOLS[language][piece].split()
        elif kind == "mark":
            spaced = match.start() == 0 or text[match.start() - 1].isspace()
            mark = "," if piece == "-" and spaced else _mark(piece)
            if piece == "." and _initial(out, text[match.end() :]):
                mark = ""
        elif kind == "other":
            _refuse_script(piece)
        if words or mark:
            out.append(Token(piece, match.start(), match.end(), tuple(words), mark))
            if kind == "abbr" and piece.lower() in ("etc.", "usw.") and not text[match.end() :].strip():
                out.append(Token(".", match.end() - 1, match.end(), (), "."))
    return out
