"""Expressions to `Emotion`: words, mixes, opposites, points, compounds, norm words, free text.

Grammar:  EXPRESSION = TERM ('+' TERM)*  |  AXIS '=' NUMBER (',' AXIS '=' NUMBER)*  |  free text
          TERM       = ['-'] NAME [':' WEIGHT]
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from genstudio.emotion import norms
from genstudio.emotion.space import Emotion
from genstudio.errors import EmotionError, suggest

_AXES = {"valence": "valence", "v": "valence", "arousal": "arousal", "a": "arousal", "dominance": "dominance",
         "d": "dominance"}  # fmt: skip
_TERM = re.compile(r"^(?P<minus>-?)\s*(?P<name>[^\W\d][\w' -]*?)\s*(?::\s*(?P<weight>[^:]*))?$")
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)")
_MAX_LENGTH = 500

TextReader = Callable[[str], Emotion]


def parse(expression: str, read_text: TextReader | None = None) -> Emotion:
    """Understand an expression (see the module's grammar).

    read_text turns free text (several words that are no known name) into an Emotion; by default the registered text
    recogniser does. Raises EmotionError: one line with the nearest known words.
    """
    if not isinstance(expression, str) or not expression.strip():
        raise EmotionError("an emotion is needed, such as joy, joy:0.7+surprise:0.3 or valence=0.6,arousal=-0.2")
    text = " ".join(expression.split())
    if len(text) > _MAX_LENGTH:
        raise EmotionError(f"an emotion expression has at most {_MAX_LENGTH} characters; got {len(text)}")
    if "=" in text:
        return _with_text(_point(text), text)
    terms = [t.strip() for t in text.split("+")]
    if len(terms) == 1 and ":" not in text and not text.startswith("-") and _find(text) is None and " " in text:
        return _with_text(_free_text(text, read_text), text)
    if any(not t for t in terms):
        raise EmotionError(f"'{text}': a name is missing beside '+'; write joy:0.7+surprise:0.3")
    parsed = [_term(t) for t in terms]
    return _with_text(parsed[0][0].scaled(parsed[0][1]) if len(parsed) == 1 else _mix(parsed), text)


def _mix(parsed: list[tuple[Emotion, float]]) -> Emotion:
    total = sum(w for _, w in parsed)
    if total <= 0:
        return Emotion.neutral()
    if total >= 1.0 - 1e-9:
        return parsed[0][0].mix(*(e for e, _ in parsed[1:]), weights=[w for _, w in parsed])
    whole = [*parsed, (Emotion.neutral(), 1.0 - total)]
    mixed = whole[0][0].mix(*(e for e, _ in whole[1:]), weights=[w for _, w in whole])
    return Emotion(*mixed.vad, mixed.categories, total, mixed.dominance_inferred)


def _term(term: str) -> tuple[Emotion, float]:
    match = _TERM.match(term)
    if match is None:
        raise EmotionError(f"'{term}' is not understood; write NAME or NAME:WEIGHT, such as joy:0.7")
    weight = 1.0
    if match["weight"] is not None:
        try:
            weight = float(match["weight"])
        except ValueError:
            raise EmotionError(f"'{term}': the weight must be a number from 0 to 1.5, as in joy:0.7") from None
        if not 0.0 <= weight <= 1.5:
            raise EmotionError(f"'{term}': the weight must lie within 0 to 1.5")
    emotion = _find(match["name"])
    if emotion is None:
        raise EmotionError(f"unknown emotion '{match['name']}'" + _nearest(match["name"]))
    return (-emotion if match["minus"] else emotion), weight


def _find(name: str) -> Emotion | None:
    key = name.strip().lower()
    rated = norms.words()
    if key in norms.coordinates():
        return Emotion.of(key)
    if key in norms.SYNONYMS:
        return Emotion.of(norms.SYNONYMS[key])
    if key in rated:
        return Emotion(*rated[key])
    return None


def _point(text: str) -> Emotion:
    values: dict[str, float] = {}
    for part in text.split(","):
        axis, sign, number = part.partition("=")
        name = _AXES.get(axis.strip().lower())
        if name is None or not sign:
            raise EmotionError(
                f"'{part.strip()}' is not understood; a point is written valence=0.6,arousal=-0.2,dominance=0.1"
            )
        if name in values:
            raise EmotionError(f"{name} is given twice in '{text}'")
        try:
            values[name] = float(number)
        except ValueError:
            raise EmotionError(f"{name} must be a number from -1 to 1; got '{number.strip()}'") from None
    return Emotion(values.get("valence", 0.0), values.get("arousal", 0.0), values.get("dominance"))


def _free_text(text: str, read_text: TextReader | None) -> Emotion:
    if not re.search(r"[^\W\d_]", text):
        raise EmotionError(f"'{text}' holds no word; write an emotion such as joy, or a sentence that carries one")
    name, _, number = text.rpartition(" ")
    if _NUMBER.fullmatch(number) and _find(name) is not None:
        raise EmotionError(f"'{text}' is not understood; did you mean '{name}:{number}'?")
    if any(c.isalpha() and "LATIN" not in unicodedata.name(c, "") for c in text):
        raise EmotionError(
            f"'{text}' is not understood: what is said freely is read in English; give a name such as joy"
        )
    if read_text is None:
        from genstudio.emotion.text import read_text as registered

        read_text = registered
    return read_text(text)


def _with_text(emotion: Emotion, text: str) -> Emotion:
    return Emotion(*emotion.vad, emotion.categories, emotion.intensity, emotion.dominance_inferred, text)


def _nearest(name: str) -> str:
    valid = (*norms.vocabulary(), *norms.SYNONYMS, *norms.words())
    return suggest(name.lower(), valid) or "; try one of " + ", ".join(norms.EKMAN) + ", or describe it in a few words"
