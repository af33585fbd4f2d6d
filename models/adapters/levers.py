"""Levers on prompt embeddings, and the one way a pipeline is run under one."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from genstudio.emotion import Emotion
from genstudio.protocols import EmotionAdapter

from .directions import Directions
from .fitting import fit_prompts, kept
from .prompts import calls_encoder, encode, encoding, mean_of, moved
from .texts import TEMPLATES


def acts(emotion: Emotion, strength: float) -> bool:
    """Whether anything is to be moved: not at a strength of 0, nor for neutral."""
    return strength != 0 and emotion.vad != Emotion.neutral().vad


class PromptDirections:
    """Emotion directions of a pipeline's own prompt embeddings (`genstudio.protocols.EmotionAdapter`).

    key: fingerprint of the weights, under which they are kept in the cache; about: the model's name.
    """

    lever = "directions"

    def __init__(self, pipeline: Any, key: str, about: str = "") -> None:
        self._pipeline, self._key, self._about = pipeline, key, about
        self._found: dict[str, Directions] | None = None

    def fit(
        self, *, force: bool = False, progress: Callable[[float], None] | None = None, templates: Sequence[str] = ()
    ) -> dict[str, Any]:  # fmt: skip
        """Fit, or read from the cache, where those of other templates are kept apart; what is at hand is not sought again.

        templates: `TEMPLATES` unless given. Returns `fingerprint`, `cached`, and each embedding's `Directions.report`.
        """
        known = self._found is not None and not force and not templates
        if not known:
            said = tuple(templates) or TEMPLATES
            own = "" if said == TEMPLATES else "-" + hashlib.sha256("\n".join(said).encode()).hexdigest()[:8]
            self._found, known = kept(
                self._key, lambda: fit_prompts(self._pipeline, said, progress), force, "prompts" + own, self._about
            )
        return {"fingerprint": self._key, "cached": known, **{k: v.report() for k, v in self.found.items()}}

    @property
    def found(self) -> Mapping[str, Directions]:
        """The directions by the name of the embedding they belong to, fitted at first use."""
        if self._found is None:
            self.fit()
        assert self._found is not None
        return self._found

    def apply(
        self, name: str, value: Any, emotion: Emotion, strength: float = 1.0, mask: Tensor | None = None
    ) -> Any:  # fmt: skip
        """See `EmotionAdapter.apply`."""
        if not acts(emotion, strength) or name not in self.found:
            return value
        return moved(value, torch.from_numpy(self.found[name].offset(emotion, strength)), mask)


@contextlib.contextmanager
def conditioned(
    pipeline: Any, prompts: list[str], adapter: EmotionAdapter, emotion: Emotion, strength: float
) -> Iterator[tuple[dict[str, Any], dict[str, float]]]:
    """Run a pipeline inside: yields what to give it of the prompt, and how far each embedding was moved (mean length).

    Where the lever does nothing the pipeline is left untouched. Where it encodes its prompt itself, its `encode_prompt` is
    followed; where it only takes embeddings, they are made here.
    """
    prompt: dict[str, Any] = {"prompt": prompts if len(prompts) > 1 else prompts[0]}
    shifts: dict[str, float] = {}
    inside = calls_encoder(pipeline)
    takes_prompt = inside or "prompt" in _takes(pipeline)

    def change(name: str, value: Any, mask: Tensor | None) -> Any:
        after = adapter.apply(name, value, emotion, strength, mask)
        if after is not value:
            step = mean_of(after, mask) - mean_of(value, mask)
            shifts[name] = round(float(step.norm(dim=-1).mean()), 4)
        return after

    if not acts(emotion, strength) and takes_prompt:
        yield prompt, shifts
    elif inside:
        adapter.fit()
        with encoding(pipeline, prompts, change):
            yield prompt, shifts
    else:
        takes = _takes(pipeline)
        made = encode(pipeline, prompts)
        yield {k: change(k, value, mask) for k, (value, mask) in made.items() if k in takes}, shifts


def _takes(pipeline: Any) -> Mapping[str, Any]:
    import inspect

    return inspect.signature(type(pipeline).__call__).parameters
