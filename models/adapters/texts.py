"""Words for text-conditioned models: templates that directions are fitted on, and prompt enrichment by EmoSet's attributes."""

from __future__ import annotations

from collections.abc import Sequence

from genstudio.emotion import Emotion
from genstudio.emotion.norms import words

TEMPLATES = ("{word}", "a {word} mood", "a picture that feels {word}")


def templated(
    templates: Sequence[str] = TEMPLATES,
) -> tuple[list[str], list[tuple[float, float, float]], list[int], list[int]]:
    """Every norm word in every template: texts, their VAD, number of the template, number of the word."""
    texts: list[str] = []
    vad: list[tuple[float, float, float]] = []
    template: list[int] = []
    word: list[int] = []
    for t, pattern in enumerate(templates):
        for w, (name, place) in enumerate(words().items()):
            texts.append(pattern.format(word=name))
            vad.append((float(place[0]), float(place[1]), float(place[2])))
            template.append(t)
            word.append(w)
    return texts, vad, template, word


# EmoSet's attributes (Yang et al. 2023): brightness, colourfulness, scene, object; by the region of the plane they go with there
_LIGHT = {1: "bright light", -1: "dim light", 0: ""}
_COLOUR = {
    (1, 1): "vivid warm colours",
    (1, -1): "soft pastel colours",
    (-1, 1): "harsh contrasting colours",
    (-1, -1): "muted grey colours",
}
_SCENE = {
    (1, 1): "a festival in sunshine", (1, -1): "a quiet garden", (-1, 1): "a storm gathering", (-1, -1): "an empty rainy street"
}  # fmt: skip
_OBJECT = {
    (1, 1): "balloons and dancing people",
    (1, -1): "flowers by still water",
    (-1, 1): "broken branches and fire",
    (-1, -1): "bare trees and fog",
}
_SMALL = 0.15
ATTRIBUTES = ("brightness", "colourfulness", "scene", "object")


def enriched(prompt: str, emotion: Emotion, attributes: Sequence[str] = ("brightness", "colourfulness")) -> str:
    """The prompt with words for the named attributes; unchanged where the emotion is near neutral.

    >>> enriched("a lake", Emotion.parse("sadness"))
    'a lake, dim light, muted grey colours'
    >>> enriched("a lake", Emotion.neutral())
    'a lake'
    """
    v, a, _ = emotion.vad
    if abs(v) < _SMALL:
        return prompt
    place = (1 if v > 0 else -1, 1 if a > 0 else -1)
    words = {
        "brightness": _LIGHT[place[0]], "colourfulness": _COLOUR[place], "scene": _SCENE[place], "object": _OBJECT[place]
    }  # fmt: skip
    return ", ".join([prompt, *(words[k] for k in attributes if words[k])])
