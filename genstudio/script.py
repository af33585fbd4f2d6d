"""What is written between the words: emotion tags, sounds, and a subset of SSML 1.1 (break, emphasis, prosody).

[fear:0.8]                        the emotion from here on
[laugh] [sigh] …                  a sound of the voice that speaks
<break time="400ms"/>             a pause; also strength="weak|medium|strong|x-strong"
<emphasis level="strong">…        also moderate, reduced
<prosody rate="slow" pitch="+10%" volume="-3dB">…   rate x-slow…x-fast, a percentage or a factor; pitch also "+2st"
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from html import unescape
from typing import Any

from genstudio.emotion import Emotion, EmotionCurve
from genstudio.errors import EmotionError, TextError, suggest

_MARK = re.compile(r"\[([^\[\]]*)\]|<(/?)([A-Za-z][\w:-]*)((?:\s+[\w:-]+\s*=\s*(?:\"[^\"]*\"|'[^']*'))*)\s*(/?)>")
_ATTRIBUTE = re.compile(r"([\w:-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
TAGS = ("speak", "break", "emphasis", "prosody")
_OPEN_TAG = re.compile(rf"</?({'|'.join(TAGS)})\b", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:amp|lt|gt|quot|apos|#\d{2,4});")
_OPEN_MARK = re.compile(r"\[\s*(-?[A-Za-z]+(?::\d*\.?\d+)?)")
_BREAKS = {"none": 0.0, "x-weak": 0.1, "weak": 0.2, "medium": 0.4, "strong": 0.7, "x-strong": 1.2}  # seconds
_EMPHASIS = {  # rate, pitch, decibels: stressed words are longer, higher and louder (Terken & Hermes 2000)
    "strong": (0.85, 1.15, 3.0), "moderate": (0.92, 1.08, 1.5), "none": (1.0, 1.0, 0.0), "reduced": (1.1, 0.95, -3.0),
}  # fmt: skip
_RATES = {"x-slow": 0.55, "slow": 0.75, "medium": 1.0, "default": 1.0, "fast": 1.3, "x-fast": 1.7}
_PITCHES = {"x-low": 0.75, "low": 0.87, "medium": 1.0, "default": 1.0, "high": 1.15, "x-high": 1.35}
_VOLUMES = {"silent": -60.0, "x-soft": -9.0, "soft": -4.5, "medium": 0.0, "default": 0.0, "loud": 4.5, "x-loud": 7.5}
_CLOSERS = tuple(",.;:!?)…”’")
MAX_BREAK = 10.0
RANGES = {"rate": (0.4, 2.5), "pitch": (0.5, 2.0), "volume": (-60.0, 12.0)}


@dataclass(frozen=True)
class Mark:
    """Something between or over words. kind 'break' (seconds), 'sound' (name), 'prosody' (rate and pitch as factors, volume in
    dB); start, end: characters of the plain text it stands at or covers."""

    kind: str
    start: int
    end: int
    seconds: float = 0.0
    name: str = ""
    rate: float = 1.0
    pitch: float = 1.0
    volume: float = 0.0

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return asdict(self)


@dataclass(frozen=True)
class Script:
    """plain: what is spoken; curve: the emotion over its characters, None without tags; marks: in the order of their starts."""

    plain: str
    curve: EmotionCurve | None
    marks: tuple[Mark, ...]


def parse_script(text: str, default: Emotion, sounds: Sequence[str] = ()) -> Script:
    """Split a text from what is written between its words.

    default: the emotion before the first tag. sounds: names the voice knows. Raises EmotionError for a tag that is neither an
    emotion nor a sound, TextError for markup that is not understood.

    >>> s = parse_script("Oh <break time='300ms'/> no. [joy] It is you!", Emotion.neutral())
    >>> s.plain, s.marks[0].seconds, s.curve.times
    ('Oh no. It is you!', 0.3, (0.0, 7.0))
    """
    plain, times, emotions = "", [0.0], [default]
    marks: list[Mark] = []
    open_: list[tuple[str, int, Mark]] = []
    position, tagged = 0, False
    for match in _MARK.finditer(text):
        plain = _join(plain, _signs(text[position : match.start()]))
        position = match.end()
        at = len(plain) + 1 if plain else 0
        if match[3] is None:
            name = match[1].strip().lower()
            if name in sounds:
                marks.append(Mark("sound", at, at, name=name))
                continue
            tagged = True
            _feel(times, emotions, float(at), _emotion(match[1], sounds))
        else:
            _element(match, at, marks, open_)
    if open_:
        raise TextError(f"<{open_[-1][0]}> is not closed; end it with </{open_[-1][0]}>")
    plain = _join(plain, _signs(text[position:])) if position else _signs(text)
    _all_closed(plain, sounds)
    marks.sort(key=lambda m: m.start)
    curve = EmotionCurve(tuple(times), tuple(emotions), "hold", 1.0) if tagged else None
    return Script(plain, curve, tuple(marks))


def _signs(text: str) -> str:
    """XML's ways to write & < > and quotes are these signs."""
    return _ENTITY.sub(lambda m: unescape(m[0]), text)


def _all_closed(plain: str, sounds: Sequence[str]) -> None:
    """Raises TextError when what is to be spoken still holds the beginning of a tag."""
    if tag := _OPEN_TAG.search(plain):
        raise TextError(f"'{tag[0]}' is no whole tag; write such as <break time=\"400ms\"/>")
    for begun in _OPEN_MARK.finditer(plain):
        try:
            if begun[1].lower() not in sounds:
                Emotion.parse(begun[1])
        except EmotionError:
            continue  # a bracket of the text's own
        raise TextError(f"'[{begun[1]}' is not closed; write [{begun[1]}]")


def _feel(times: list[float], emotions: list[Emotion], at: float, emotion: Emotion) -> None:
    if times[-1] >= at:
        times[-1], emotions[-1] = at, emotion
    else:
        times.append(at)
        emotions.append(emotion)


def _emotion(tag: str, sounds: Sequence[str]) -> Emotion:
    try:
        return Emotion.parse(tag)
    except EmotionError as error:
        if sounds:
            raise EmotionError(
                f"[{tag}] is neither an emotion nor a sound; sounds: {', '.join(sounds)}; {error}"
            ) from None
        raise


def _element(match: re.Match[str], at: int, marks: list[Mark], open_: list[tuple[str, int, Mark]]) -> None:
    closing, name, alone = bool(match[2]), match[3].lower(), bool(match[5])
    given = {k.lower(): a or b for k, a, b in _ATTRIBUTE.findall(match[4] or "")}
    if name not in TAGS:
        raise TextError(f"<{name}> is not understood; valid: {', '.join(TAGS)}" + suggest(name, TAGS))
    if name == "speak":
        return
    if name == "break":
        if not closing:
            marks.append(Mark("break", at, at, seconds=_pause(given)))
        return
    if closing:
        if not open_ or open_[-1][0] != name:
            raise TextError(f"</{name}> closes nothing that is open here")
        _, start, mark = open_.pop()
        end = max(at - 1, start)  # without the space that would follow
        marks.append(Mark("prosody", start, end, rate=mark.rate, pitch=mark.pitch, volume=mark.volume))
    elif not alone:
        rate, pitch, volume = _emphasis(given) if name == "emphasis" else _prosody(given)
        open_.append((name, at, Mark("prosody", at, at, rate=rate, pitch=pitch, volume=volume)))


def _pause(given: dict[str, str]) -> float:
    if "time" in given:
        match = re.fullmatch(r"(\d+(?:\.\d+)?|\.\d+)(ms|s)", given["time"].strip())
        if match is None:
            raise TextError(f"a break's time is like '300ms' or '1.5s'; got '{given['time']}'")
        seconds = float(match[1]) / (1000 if match[2] == "ms" else 1)
        if seconds > MAX_BREAK:
            raise TextError(f"a break lasts at most {MAX_BREAK:g} s; got {seconds:g}")
        return seconds
    return _named("a break's strength", given.get("strength", "medium"), _BREAKS)


def _emphasis(given: dict[str, str]) -> tuple[float, float, float]:
    return _named("an emphasis's level", given.get("level", "moderate"), _EMPHASIS)


def _prosody(given: dict[str, str]) -> tuple[float, float, float]:
    for key in given:
        if key not in RANGES:
            raise TextError(f"prosody has no '{key}' here; valid: {', '.join(RANGES)}" + suggest(key, tuple(RANGES)))
    rate = _factor("rate", given.get("rate"), _RATES)
    pitch = _factor("pitch", given.get("pitch"), _PITCHES)
    volume = given.get("volume")
    level = 0.0
    if volume is not None:
        match = re.fullmatch(r"([+-]?\d+(?:\.\d+)?)\s*dB", volume.strip(), re.I)
        level = float(match[1]) if match else _named("a volume", volume, _VOLUMES)
    for name, value in (("rate", rate), ("pitch", pitch), ("volume", level)):
        low, high = RANGES[name]
        if not low <= value <= high:
            raise TextError(f"a {name} of {value:g} is outside {low:g} to {high:g}")
    return rate, pitch, level


def _factor(name: str, value: str | None, words: dict[str, float]) -> float:
    """'slow', '80%', '+10%', '1.2' or, for pitch, '+2st' to a factor."""
    if value is None:
        return 1.0
    value = value.strip()
    if match := re.fullmatch(r"([+-]?)(\d+(?:\.\d+)?)%", value):
        share = float(match[2]) / 100
        return share if not match[1] else 1 + share if match[1] == "+" else 1 - share
    if name == "pitch" and (match := re.fullmatch(r"([+-]?\d+(?:\.\d+)?)\s*st", value)):
        return 2 ** (float(match[1]) / 12)
    if re.fullmatch(r"\d+(?:\.\d+)?", value):
        return float(value)
    return _named(f"a {name}", value, words)


def _named(what: str, value: str, words: dict[str, Any]) -> Any:
    if value.strip().lower() not in words:
        raise TextError(f"{what} is one of {', '.join(words)}; got '{value}'" + suggest(value, tuple(words)))
    return words[value.strip().lower()]


def _join(left: str, right: str) -> str:
    gap = "" if right[:1] in _CLOSERS else " "  # what closes a word stays at it
    right = " ".join(right.split())
    return f"{left}{gap}{right}".strip() if left and right else left or right
