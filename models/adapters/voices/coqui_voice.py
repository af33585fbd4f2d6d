"""`CoquiVoice`: XTTS, VITS and YourTTS of coqui-tts, following an emotion."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from genstudio import hub
from genstudio.errors import InputError, MediaError, suggest
from genstudio.protocols import Speech

from ..directions import Directions
from . import latents, settings
from .coqui_loading import load_model
from .coqui_speakers import DVectors, Latents, speakers_of
from .voice import PretrainedVoice, Push

_PAUSE = 0.25  # seconds between sentences


class CoquiVoice(PretrainedVoice):
    """One model of coqui-tts. XTTS and YourTTS clone: directions lie in their latents and d-vectors. VITS has settings."""

    scheme = "coqui"

    def __init__(self, model: Any, spec: str, key: str) -> None:
        audio = model.config.audio
        super().__init__(spec, key, int(getattr(audio, "output_sample_rate", None) or audio.sample_rate))
        self.model = model
        self.kind = type(model).__name__.lower()
        self.space: Latents | DVectors | None = speakers_of(model)
        self.directed = self.clones = self.space is not None
        self.has_settings = settings.has_settings(model)
        self.languages = tuple(_languages(model))
        self._names = tuple(_names(model))

    @classmethod
    def load(
        cls, spec: str, *, device: str = "auto", allow_pickle: bool = False, sha256: str = ""
    ) -> CoquiVoice:  # fmt: skip
        """spec: a folder with config.json and model.safetensors (model.pth with `allow_pickle`), a hub id in the cache or to fetch.

        Raises InputError, MissingWeightsError, MissingExtraError.
        """
        logging.getLogger("TTS").setLevel(logging.ERROR)
        place = hub.place_of(device)
        folder = hub.resolve(spec, allow_pickle, sha256=sha256)
        return cls(load_model(spec, folder, place, allow_pickle), spec, hub.fingerprint(folder))

    def voices(self) -> Sequence[Mapping[str, str]]:
        """The model's speakers by name; 'default' is its first, or the reference's voice."""
        spoken = self.languages[0] if len(self.languages) == 1 else ""
        return [
            *super().voices(),
            *({"name": n, "language": spoken, "description": "a speaker of the model"} for n in self._names),
        ]

    # directions

    @property
    def _kept_as(self) -> tuple[str, str]:
        return self.key, "latents"

    def _find(self, data: Path | None, progress: Any) -> dict[str, Directions]:
        if data is None:
            raise InputError(
                f"'{self.name}' finds its directions in labelled clips: genstudio engines fit {self.name} --data FOLDER"
            )
        assert self.space is not None
        return latents.fit(latents.clips(data, self.space.vectors, progress))

    # speaking

    @torch.inference_mode()
    def plain(
        self, text: str, seed: int, clip: Speech | None = None, clip_text: str = "", options: Mapping[str, Any] | None = None,
        voice: str | None = None, push: Push | None = None,
    ) -> Speech:  # fmt: skip
        """What the model says by itself, or moved by `push`. options: language, and what the model's own `inference` takes.

        Random numbers of torch are seeded inside and left as they were."""
        given = dict(options or {})
        language = self._language(given.pop("language", None))
        name = self._speaker(voice, clip)
        device = next(self.model.parameters()).device
        with (
            hub.explained(self.spec, None, str(device)),
            torch.random.fork_rng(devices=[device] if device.type == "cuda" else []),
            self._set(push),
        ):
            torch.manual_seed(seed)
            who: Any = None if self.space is None else self.space.of(clip, name)
            if push is not None and "directions" in push.levers:
                assert self.space is not None
                offsets = {k: x.offset(push.emotion, push.strength) for k, x in self.found.items()}
                who = self.space.moved(who, offsets)
            pieces = [self._say(s, language, who, name, given) for s in _sentences(text, language)]
        gap = np.zeros(int(_PAUSE * self.rate), np.float32)
        x = np.concatenate([y for p in pieces for y in (p, gap)][:-1])
        if not x.size or not np.isfinite(x).all():
            raise MediaError(f"'{self.name}' made no sound for this text; try another seed, or a longer text")
        return Speech(np.clip(x, -1, 1), self.rate, text, language or "", voice or "default")

    def _say(
        self, sentence: str, language: str | None, who: Any, name: str | None, given: dict[str, Any]
    ) -> np.ndarray:
        if self.kind == "xtts":
            config = self.model.config
            usual = {k: config[k] for k in ("temperature", "length_penalty", "repetition_penalty", "top_k", "top_p")}
            made = self.model.inference(
                sentence, language, who["gpt_cond_latent"], who["speaker_embedding"], **{**usual, **given}
            )["wav"]
        else:
            from .coqui_speakers import say_vits

            made = say_vits(self.model, sentence, language, who, name, given)
        return np.asarray(made, np.float32).reshape(-1)

    @contextlib.contextmanager
    def _set(self, push: Push | None) -> Iterator[None]:
        if push is None or "settings" not in push.levers:
            yield
            return
        with settings.applied(self.model, settings.moved(self.model, push.emotion, push.strength)):
            yield

    def _language(self, language: str | None) -> str | None:
        if not self.languages:
            return None
        if language is None:
            return "en" if "en" in self.languages else self.languages[0]
        if language not in self.languages:
            raise InputError(
                f"'{self.name}' does not speak '{language}'; valid: {', '.join(self.languages)}"
                + suggest(language, self.languages)
            )
        return language

    def _speaker(self, voice: str | None, clip: Speech | None) -> str | None:
        if clip is not None and voice in (None, "default"):
            return None
        if clip is not None:
            raise InputError("give either a voice of the model or a reference to clone, not both")
        if voice in (None, "default"):
            if not self._names and self.clones:
                raise InputError(f"'{self.name}' speaks in the voice of a clip; give reference=CLIP")
            return self._names[0] if self._names else None
        if voice not in self._names:
            raise InputError(
                f"'{self.name}' has no voice '{voice}'; valid: default, {', '.join(self._names)}"
                + suggest(str(voice), self._names)
            )
        return voice


def _languages(model: Any) -> list[str]:
    manager = getattr(model, "language_manager", None)
    named = list(getattr(manager, "name_to_id", None) or [])
    return named or (list(model.config.languages) if type(model).__name__ == "Xtts" else [])


def _names(model: Any) -> list[str]:
    manager = model.speaker_manager
    if manager is None:
        return []
    return list(manager.speaker_names if hasattr(manager, "speaker_names") else manager.name_to_id)


def _sentences(text: str, language: str | None) -> list[str]:
    """Sentences as coqui's own synthesiser splits them, by pysbd."""
    import pysbd

    code = (language or "en").split("-")[0]
    code = code if code in pysbd.languages.LANGUAGE_CODES else "en"
    found = [s.strip() for s in pysbd.Segmenter(language=code, clean=True).segment(text)]
    return [s for s in found if any(c.isalnum() for c in s)] or [text]
