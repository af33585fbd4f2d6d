"""What a prompt asks for, found by nearness alone: for the rules (the networks need none of this) and for measuring."""

from __future__ import annotations

from functools import cache

from torch import Tensor

from .prompts import choices
from .sampler import Spec
from .text import TextProjector

_NEAR = 0.8  # cosine similarity of a piece of the prompt to a known phrase


def spec_of(projector: TextProjector, prompt: str) -> tuple[Spec, str, float]:
    """The Spec of a prompt: nearest noun, and those known additions whose phrase stands, nearly, in the prompt."""
    from .minilm import states

    subject, similarity, _ = projector.nearest(prompt, states([prompt])[1][0])
    words = prompt.split()
    pieces = [" ".join(words[i:j]) for i in range(len(words)) for j in range(i + 1, min(i + 5, len(words)) + 1)][:200]
    names, phrases = _phrases(subject)
    best = (states(pieces)[1] @ phrases.T).amax(0)
    found = [names[i] for i in best.argsort(descending=True).tolist() if float(best[i]) > _NEAR]
    return Spec(subject, tuple(dict.fromkeys(found))[:3]), subject, similarity


@cache
def _phrases(subject: str) -> tuple[list[str], Tensor]:
    from .minilm import states

    rows = [(name, p) for name, table in choices(subject).items() for p in table]
    return [n for n, _ in rows], states([p for _, p in rows])[1]
