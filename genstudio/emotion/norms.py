"""The only list of emotions: names, taxonomies, coordinates, synonyms, each with its source.

Coordinates are valence, arousal, dominance in -1..1. Sources:
  RM77    Russell & Mehrabian (1977), Evidence for a three-factor theory of emotions, J. Research in Personality 11:
          141 emotion words rated on pleasure, arousal, dominance.
  =WORD   no published rating in RM77; the nearest rated word stands in.
  mean    mean of the parts, for compounds and dyads (Plutchik 1980; Kollias 2023 for the C-EXPR seven).
Neutral is the origin by definition.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

EKMAN: tuple[str, ...] = ("anger", "disgust", "fear", "joy", "sadness", "surprise", "neutral")
"""Ekman's six and neutral: the canonical seven, in canonical order."""

_EKMAN_WORDS = {
    "anger": "angry", "disgust": "disgusted", "fear": "fearful", "joy": "joyful", "sadness": "sad",
    "surprise": "surprised",
}  # fmt: skip

MIKELS: tuple[str, ...] = (
    "amusement", "awe", "contentment", "excitement", "anger", "disgust", "fear", "sadness",
)  # fmt: skip
"""Mikels et al. (2005), the eight of affective images."""

PLUTCHIK: tuple[str, ...] = (
    "joy", "trust", "fear", "surprise", "sadness", "disgust", "anger", "anticipation",
)  # fmt: skip
"""Plutchik (1980), the eight primaries in wheel order: each one's opposite is four places on."""

DYADS: dict[str, tuple[str, str]] = {
    "love": ("joy", "trust"), "submission": ("trust", "fear"), "awe": ("fear", "surprise"),
    "disapproval": ("surprise", "sadness"), "remorse": ("sadness", "disgust"), "contempt": ("disgust", "anger"),
    "aggressiveness": ("anger", "anticipation"), "optimism": ("anticipation", "joy"),
    "guilt": ("joy", "fear"), "curiosity": ("trust", "surprise"), "despair": ("fear", "sadness"),
    "unbelief": ("surprise", "disgust"), "envy": ("sadness", "anger"), "cynicism": ("disgust", "anticipation"),
    "pride": ("anger", "joy"), "hope": ("anticipation", "trust"),
    "delight": ("joy", "surprise"), "sentimentality": ("trust", "sadness"), "shame": ("fear", "disgust"),
    "outrage": ("surprise", "anger"), "pessimism": ("sadness", "anticipation"), "morbidness": ("disgust", "joy"),
    "dominance": ("anger", "trust"), "anxiety": ("anticipation", "fear"),
}  # fmt: skip
"""Plutchik's 24 dyads: primary, secondary, tertiary."""

COMPOUNDS: dict[str, tuple[str, str]] = {
    "fearfully surprised": ("fear", "surprise"), "happily surprised": ("joy", "surprise"),
    "sadly surprised": ("sadness", "surprise"), "disgustedly surprised": ("disgust", "surprise"),
    "angrily surprised": ("anger", "surprise"), "sadly fearful": ("sadness", "fear"),
    "sadly angry": ("sadness", "anger"),
}  # fmt: skip
"""The seven compound expressions of the C-EXPR challenge (Kollias 2023)."""

GOEMOTIONS: tuple[str, ...] = (
    "admiration", "amusement", "anger", "annoyance", "approval", "caring", "confusion", "curiosity", "desire",
    "disappointment", "disapproval", "disgust", "embarrassment", "excitement", "fear", "gratitude", "grief", "joy",
    "love", "nervousness", "optimism", "pride", "realization", "relief", "remorse", "sadness", "surprise", "neutral",
)  # fmt: skip
"""Demszky et al. (2020), in the order of the data set's labels."""

_NEAREST: dict[str, str] = {
    # name → the RM77 word whose rating it takes. Words that are not the same lexeme are stand-ins ('=WORD').
    "admiration": "impressed", "amusement": "enjoyment", "annoyance": "mildly annoyed", "approval": "appreciative",
    "caring": "affectionate", "confusion": "confused", "curiosity": "curious", "desire": "aroused",
    "disappointment": "discouraged", "disapproval": "displeased", "embarrassment": "embarrassed",
    "excitement": "excited", "gratitude": "grateful", "grief": "crushed", "love": "loved", "nervousness": "anxious",
    "optimism": "hopeful", "pride": "proud", "realization": "interested", "relief": "untroubled",
    "remorse": "regretful", "awe": "awed", "contentment": "relaxed", "trust": "secure", "anticipation": "alert",
    "submission": "meek", "contempt": "contemptuous", "aggressiveness": "hostile", "guilt": "guilty",
    "despair": "despairing", "unbelief": "skeptical", "envy": "frustrated", "cynicism": "scornful",
    "hope": "hopeful", "delight": "elated", "sentimentality": "solemn", "shame": "shamed", "outrage": "enraged",
    "pessimism": "discontented", "morbidness": "anguished", "dominance": "domineering", "anxiety": "tense",
    "boredom": "bored", "serenity": "leisurely", "pain": "pain",
} | _EKMAN_WORDS  # fmt: skip

_STAND_INS = frozenset((
    "amusement", "approval", "caring", "desire", "disappointment", "disapproval", "grief", "realization",
    "relief", "contentment", "trust", "anticipation", "submission", "envy", "delight", "sentimentality",
    "pessimism", "morbidness", "serenity", "optimism", "aggressiveness",
))  # fmt: skip

SYNONYMS: dict[str, str] = {
    "happy": "joy", "happiness": "joy", "joyful": "joy", "joyous": "joy", "glad": "joy", "cheerful": "joy",
    "angry": "anger", "mad": "anger", "furious": "anger", "rage": "anger",
    "sad": "sadness", "unhappy": "sadness", "sorrow": "sadness", "sorrowful": "sadness",
    "afraid": "fear", "scared": "fear", "fearful": "fear", "frightened": "fear",
    "disgusted": "disgust", "revulsion": "disgust", "surprised": "surprise", "astonishment": "surprise",
    "calm": "serenity", "serene": "serenity", "peaceful": "serenity", "content": "contentment",
    "amused": "amusement", "excited": "excitement", "grateful": "gratitude", "loving": "love", "proud": "pride",
    "nervous": "nervousness", "anxious": "anxiety", "bored": "boredom", "none": "neutral", "normal": "neutral",
}  # fmt: skip
"""Accepted on input only."""


@cache
def words() -> dict[str, tuple[float, float, float]]:
    """The 141 rated words of RM77 with valence, arousal, dominance."""
    table = files(__package__).joinpath("rm77.csv").read_text(encoding="utf-8").splitlines()[1:]
    rows = (line.rsplit(",", 3) for line in table if line.strip())
    return {name: (float(v), float(a), float(d)) for name, v, a, d in rows}


@cache
def coordinates() -> dict[str, tuple[float, float, float]]:
    """Valence, arousal, dominance of every named category, in the order of `vocabulary()`."""
    rated = words()
    known = {name: rated[word] for name, word in _NEAREST.items()} | {"neutral": (0.0, 0.0, 0.0)}
    out: dict[str, tuple[float, float, float]] = {}
    for name in _names():
        if name in known:
            out[name] = known[name]
        else:
            a, b = known[COMPOUNDS[name][0]], known[COMPOUNDS[name][1]]
            out[name] = ((a[0] + b[0]) / 2, (a[1] + b[1]) / 2, (a[2] + b[2]) / 2)
    return out


def _names() -> tuple[str, ...]:
    ordered = (*EKMAN, *MIKELS, *PLUTCHIK, *GOEMOTIONS, *DYADS, "boredom", "serenity", "pain", *COMPOUNDS)
    return tuple(dict.fromkeys(ordered))


@cache
def vocabulary() -> tuple[str, ...]:
    """Every category name, canonical seven first. The order is part of the encoder's weights.

    >>> vocabulary()[:7] == EKMAN
    True
    """
    return _names()


def source(name: str) -> str:
    """Where a category's coordinates come from: 'RM77: word', '=word' for a stand-in, 'mean of a and b', 'definition'.

    >>> source("joy"), source("trust"), source("happily surprised"), source("neutral")
    ('RM77: joyful', '=secure', 'mean of joy and surprise', 'definition')
    """
    if name == "neutral":
        return "definition"
    if name in COMPOUNDS:
        return "mean of {} and {}".format(*COMPOUNDS[name])
    return ("=" if name in _STAND_INS else "RM77: ") + _NEAREST[name]


TAXONOMIES: dict[str, tuple[str, ...]] = {
    "ekman": EKMAN,
    "mikels": MIKELS,
    "plutchik": PLUTCHIK,
    "dyads": tuple(DYADS),
    "goemotions": GOEMOTIONS,
    "compound": tuple(COMPOUNDS),
}
"""Name → members, in the order their authors or data sets give."""

OPPOSITES: dict[str, str] = {p: PLUTCHIK[(i + 4) % 8] for i, p in enumerate(PLUTCHIK)}
"""Plutchik's wheel: joy–sadness, trust–disgust, fear–anger, surprise–anticipation."""


@cache
def dominance_regression() -> tuple[float, float, float]:
    """Intercept, slope on valence, slope on arousal: dominance inferred from the 141 words by least squares (r = 0.70)."""
    rows = list(words().values())
    n = len(rows)
    mv, ma, md = (sum(r[i] for r in rows) / n for i in range(3))
    vv = sum((r[0] - mv) ** 2 for r in rows)
    aa = sum((r[1] - ma) ** 2 for r in rows)
    va = sum((r[0] - mv) * (r[1] - ma) for r in rows)
    vd = sum((r[0] - mv) * (r[2] - md) for r in rows)
    ad = sum((r[1] - ma) * (r[2] - md) for r in rows)
    det = vv * aa - va * va
    bv, ba = (vd * aa - ad * va) / det, (ad * vv - vd * va) / det
    return md - bv * mv - ba * ma, bv, ba
