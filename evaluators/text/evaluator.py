"""Reads emotion in English text."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from genstudio.emotion import Emotion
from genstudio.emotion.norms import GOEMOTIONS
from genstudio.errors import InputError, MissingWeightsError, TextError
from genstudio.protocols import Ceiling, Reading

from .labels import SEVEN_OF, collapse
from .language import foreign
from .minilm import MiniLM
from .model import EmotionText, TextConfig, pieces, predict
from .words import describe

log = logging.getLogger(__name__)
WEIGHTS = Path(__file__).parent / "weights"
MAX_CHARACTERS = 100_000
_PHRASE_WORDS = 6  # up to so many words a text may name a feeling instead of telling an event
_AXES = ("valence", "arousal", "dominance")


class TextEvaluator:
    """28 GoEmotions labels (collapsed to the canonical seven) and VAD by regression, for English text of any length.

    Trained on Reddit comments (GoEmotions) and on news, fiction, blogs and letters (EmoBank), as readers, not writers, felt
    them; slang, irony, other languages and rare labels (grief, pride, relief: under 25 test sentences each) are read
    worst. It tells how a text comes across; it is not for inferring what a real person feels.
    """

    modality = "text"

    def __init__(self, model: EmotionText, phrase: dict[str, Tensor], config: dict[str, Any], role: str) -> None:
        self.model, self.phrase, self.config, self.role = model, phrase, config, role
        self.name = f"genstudio-text-{role}"
        found = config["figures"]
        self.ceiling = Ceiling(
            "macro-F1", found["macro_f1"], tuple(found["macro_f1_interval"]), found["macro_f1_chance"],
            f"GoEmotions test, {found['sentences']['goemotions_test']} comments, 28 labels", GOEMOTIONS,
        )  # fmt: skip
        self.vad_ceilings = {
            axis: Ceiling(
                "pearson", v["pearson"], tuple(v["interval"]), 0.0,
                f"EmoBank test, {found['sentences']['emobank_test']} sentences",
            )
            for axis, v in found["emobank"].items()
        }  # fmt: skip

    @classmethod
    def load(cls, role: str = "score") -> TextEvaluator:
        """role: 'score' (low-rank adapted MiniLM) or 'steer' (MiniLM as published and a head)."""
        if role not in ("score", "steer"):
            raise InputError(f"unknown role '{role}'; valid: score, steer")
        path = WEIGHTS / f"text_{role}.safetensors"
        if not path.exists():
            raise MissingWeightsError(
                f"{path.name} is missing: reinstall, or run python -m genstudio.evaluators.text.train --role {role}"
            )
        from safetensors.torch import load_file

        config = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        state = {k: v.float() for k, v in load_file(str(path)).items()}
        phrase = {k: state.pop(k) for k in list(state) if k.startswith("phrase.")}
        shape = dict(config["config"], layers=tuple(config["config"]["layers"]))
        model = EmotionText(TextConfig(**shape), MiniLM.load())
        model.load_trained(state)
        return cls(model.merge(), phrase, config, role)

    def __call__(self, text: str) -> Reading:
        """The emotion that English readers find in `text`. Raises TextError when there is nothing to read."""
        weights, ratings, count = self._read(text)
        vad = self._to_norms(ratings)
        said = [n for n, p, t in zip(GOEMOTIONS, weights, self.config["thresholds"], strict=True) if p >= t]
        return Reading(
            "text", self.name, *vad, collapse(dict(zip(GOEMOTIONS, weights, strict=True))), "regression", self.ceiling,
            details={
                "goemotions": {n: round(p, 4) for n, p in zip(GOEMOTIONS, weights, strict=True)},
                "labels": said,
                "emobank": {a: round(r, 3) for a, r in zip(_AXES, ratings, strict=True)},
                "pieces": count,
                **({"language": language, "note": "only English is read well"} if (language := foreign(text)) else {}),
            },
        )  # fmt: skip

    def emotion(self, text: str) -> Emotion:
        """A text understood as an emotion to express: a named feeling ('bittersweet relief') or an event ('my dog died').

        Up to six words are also read as the description of a feeling (`words.describe`), which counts the more the nearer
        the phrase lies to the norms' rated words.
        """
        weights, ratings, _ = self._read(text)
        vad = torch.tensor(self._to_norms(ratings))
        total = sum(weights)
        felt = {n: p / total for n, p in zip(GOEMOTIONS, weights, strict=True)}
        if len(text.split()) <= _PHRASE_WORDS:
            named, names, share = describe(self.model, self.phrase, text)
            vad = share * named + (1 - share) * vad
            felt["neutral"] *= 1 - share  # whoever names a feeling does not mean none
            rest = sum(felt.values())
            felt = {n: share * w + (1 - share) * felt.get(n, 0.0) / rest for n, w in names.items()}
        top = max(felt.values())
        kept = {n: p for n, p in felt.items() if p >= 0.2 * top}
        total = sum(kept.values())
        v, a, d = (round(float(x), 4) for x in vad.clamp(-1, 1))
        return Emotion(v, a, d, {n: p / total for n, p in kept.items()}, 1.0)

    def _read(self, text: str) -> tuple[list[float], list[float], int]:
        """Probabilities of the 28, ratings on EmoBank's 1..5, number of pieces read."""
        if not isinstance(text, str) or not text.strip():
            raise TextError("there is no text to read an emotion from; give at least one word")
        if len(text) > MAX_CHARACTERS:
            raise TextError(f"a text of {len(text):,} characters is too long; the limit is {MAX_CHARACTERS:,}")
        rows = pieces(text.strip())
        if language := foreign(text):
            log.warning(
                "this text looks %s; only English is read well: say the feeling in English, or name it (-e anger)",
                language,
            )
        probabilities, vad = predict(self.model, rows)
        length = torch.tensor([len(r) - 2.0 for r in rows]).clamp(min=1)
        share = (length / length.sum())[:, None]
        mean, std = torch.tensor(self.config["vad_mean"]), torch.tensor(self.config["vad_std"])
        ratings = ((vad * share).sum(0) * std + mean).clamp(1, 5)
        return (probabilities * share).sum(0).tolist(), ratings.tolist(), len(rows)

    def _to_norms(self, ratings: list[float]) -> tuple[float, float, float]:
        """EmoBank's 1..5 to the norms' -1..1 (see `scale` in train.py)."""
        v, a, d = (
            round(max(-1.0, min(1.0, gain * r + offset)), 4)
            for r, (gain, offset) in zip(ratings, self.config["scale"], strict=True)
        )
        return v, a, d


__all__ = ["SEVEN_OF", "TextEvaluator"]
