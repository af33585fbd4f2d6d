"""Numbers, years, dates, times and money as words, in English and German (num2words, which gruut brings along)."""

from __future__ import annotations

import re

_MONTHS = {
    "en": [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
    "de": [
        "Januar",
        "Februar",
        "März",
        "April",
        "Mai",
        "Juni",
        "Juli",
        "August",
        "September",
        "Oktober",
        "November",
        "Dezember",
    ],
}
_SCALES = {
    "en": {"k": "thousand", "m": "million", "bn": "billion"},
    "de": {"k": "tausend", "m": "Millionen", "mio": "Millionen", "bn": "Milliarden", "mrd": "Milliarden"},
}
_UNITS = {
    "$": {"en": ("dollar", "dollars", "cent", "cents"), "de": ("Dollar", "Dollar", "Cent", "Cent")},
    "€": {"en": ("euro", "euros", "cent", "cents"), "de": ("Euro", "Euro", "Cent", "Cent")},
    "¥": {"en": ("yen", "yen", "sen", "sen"), "de": ("Yen", "Yen", "Sen", "Sen")},
    "£": {"en": ("pound", "pounds", "penny", "pence"), "de": ("Pfund", "Pfund", "Penny", "Pence")},
}


def _say(value: object, language: str, to: str = "cardinal") -> list[str]:
    from num2words import num2words

    text = num2words(value, lang=language, to=to)
    return re.sub(r"[^\w\s]", " ", text).split()


def digits(text: str, language: str) -> list[str]:
    """Digit by digit."""
    return [w for c in text if c.isdigit() for w in _say(int(c), language)]


def cardinal(value: int, language: str) -> list[str]:
    """A whole number; above a trillion digit by digit."""
    if abs(value) >= 10**12:
        return digits(str(value), language)
    minus = [{"en": "minus", "de": "minus"}[language]] if value < 0 else []
    return minus + _say(abs(value), language)


def year(value: int, language: str) -> list[str]:
    """1999 as 'nineteen ninety nine'."""
    return _say(value, language, "year")


def _split(text: str, language: str) -> tuple[int, str]:
    """Whole part and decimals of a written number in the language's manner (1,000.5 or 1.000,5)."""
    point, group = (".", ",") if language == "en" else (",", ".")
    if re.fullmatch(rf"\d{{1,3}}(\{group}\d{{3}})+(\{point}\d+)?", text):
        text = text.replace(group, "")
    text = text.replace(group, point) if text.count(group) == 1 and point not in text else text.replace(group, "")
    whole, _, rest = text.partition(point)
    rest = re.sub(r"\D", "", rest)
    return int(whole or 0), rest


def number(text: str, language: str) -> list[str]:
    """Any number as written."""
    negative = text[0] in "-−"
    body = text.lstrip("-−")
    minus = ["minus"] if negative else []
    if re.fullmatch(r"1[1-9]\d\d|20[0-9]\d", body) and not negative and not 2000 <= int(body) < 2010:
        return year(int(body), language)
    if body.isdigit() and (len(body) > 12 or (len(body) > 1 and body[0] == "0")):
        return minus + digits(body, language)
    if len(re.findall(r"[.,]", body)) > 1 and not re.fullmatch(r"\d{1,3}([.,]\d{3})+([.,]\d+)?", body):
        return digits(body, language)  # a version, an address, a phone number
    whole, rest = _split(body, language)
    words = minus + cardinal(whole, language)
    if rest:
        words += [{"en": "point", "de": "Komma"}[language], *digits(rest, language)]
    return words


def roman(text: str) -> int | None:
    """A Roman number up to 39, None for what is none.

    >>> roman("XIV"), roman("IIX")
    (14, None)
    """
    if not re.fullmatch("X{0,3}(?:IX|IV|V?I{0,3})", text):
        return None
    values = [{"I": 1, "V": 5, "X": 10}[c] for c in text]
    return sum(-v if v < after else v for v, after in zip(values, [*values[1:], 0], strict=True)) or None


def ordinal(text: str, language: str) -> list[str]:
    """'3rd', '3.' as words."""
    words = _say(int(re.sub(r"\D", "", text)), language, "ordinal")
    if language == "de":
        words[-1] += "r" if words[-1].endswith("e") else ""
    return words


def percent(text: str, language: str) -> list[str]:
    return [*number(re.sub(r"[\s%]", "", text), language), {"en": "percent", "de": "Prozent"}[language]]


def money(text: str, language: str) -> list[str]:
    """'$3.50', '20 €', '$2 million', '€3.5m'."""
    sign = next(c for c in text if c in _UNITS)
    one, many, small_one, small_many = _UNITS[sign][language]
    scale = re.search(r"[a-z]+", text, re.IGNORECASE)
    body = re.sub(r"[^\d.,]", "", text).strip(".,")
    whole, rest = _split(body, language)
    if scale:
        word = _SCALES[language].get(scale.group().lower(), scale.group())
        return [*number(body, language), word, many]
    words = [*cardinal(whole, language), one if whole == 1 else many]
    if language == "de" and whole == 1:
        words[0] = "ein"
    cents = int((rest + "0")[:2]) if rest else 0
    if cents:
        words += cardinal(cents, language)
        if whole == 0:
            words = [*cardinal(cents, language), small_one if cents == 1 else small_many]
    return words


def month(text: str, language: str) -> list[str]:
    """'Jan.', 'Sept.', 'Dez.' in full."""
    first = text[:3].lower().replace("okt", "oct").replace("dez", "dec")
    return [_MONTHS[language][[m[:3].lower() for m in _MONTHS["en"]].index(first)]]


def clock(text: str, language: str) -> list[str]:
    """'10:30', '7:05 pm', '6pm', '12:30 Uhr'."""
    hour, minute = (int(x) for x in [*re.findall(r"\d+", text), "0"][:2])
    if language == "de":
        words = [*(["ein"] if hour == 1 else cardinal(hour, "de")), "Uhr"]
        return words + (cardinal(minute, "de") if minute else [])
    half = re.search(r"([ap])\.?m", text, re.IGNORECASE)
    words = cardinal(hour, "en")
    if minute:
        words += (["oh"] if minute < 10 else []) + cardinal(minute, "en")
    elif not half:
        words += ["o'clock"] if 0 < hour <= 12 else ["hundred"]
    return words + ([{"a": "ay", "p": "pee"}[half.group(1).lower()], "em"] if half else [])


def date(text: str, kind: str, language: str) -> list[str]:
    """'2021-01-05', '5.1.2021', '1/5/2021'."""
    parts = [int(x) for x in re.findall(r"\d+", text)]
    if kind == "isodate":
        y, m, d = parts
    elif kind == "dmy" or language == "de":
        d, m, y = parts
    else:
        m, d, y = parts
    if not (1 <= m <= 12 and 1 <= d <= 31):
        return digits(text, language)
    if y < 100:
        y += 2000 if y < 50 else 1900
    day = _say(d, language, "ordinal")
    if language == "de":
        day[-1] += "r" if day[-1].endswith("e") else ""
        return [*day, _MONTHS["de"][m - 1], *year(y, "de")]
    return [_MONTHS["en"][m - 1], *day, *year(y, "en")]
