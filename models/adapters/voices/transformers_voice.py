"""`TransformersVoice`: every text-to-speech model that transformers loads, following an emotion."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch

from genstudio import hub
from genstudio.errors import InputError, MediaError
from genstudio.protocols import Speech

from ..directions import Directions
from ..hooks import steered
from . import cloning, hidden, latents, settings
from .batches import MOST, Line, in_batches, inputs, lengths, sounds
from .rows import Indivisible, Rows
from .speaker_space import SpeakerSpace, turned, width_of
from .transformers_loading import load_pipeline
from .voice import PretrainedVoice, Push


class TransformersVoice(PretrainedVoice):
    """One model of transformers' text-to-audio pipeline: Bark, CSM, Dia, Higgs Audio, Pocket TTS, SpeechT5, VibeVoice, VITS …"""

    scheme = "transformers"
    directed = True

    def __init__(
        self, pipe: Any, spec: str, key: str, space: SpeakerSpace | None = None, layers: str | None = None,
        folder: Path | None = None,
    ) -> None:  # fmt: skip
        super().__init__(spec, key, int(pipe.sampling_rate or 0))
        if not self.rate:
            raise InputError(f"'{spec}' does not say its sampling rate; it is no voice that can be used")
        self.pipe, self.space, self._layers, self._folder = pipe, space, layers, folder
        self.clones = space is not None or cloning.clones(pipe.processor)
        self.has_settings = settings.has_settings(pipe.model)

    @classmethod
    def load(
        cls, spec: str, *, dtype: str | None = None, device: str = "auto", vocoder: str | None = None, encoder: str | None = None,
        layers: str | None = None, offload: bool = False, allow_pickle: bool = False, sha256: str = "",
    ) -> TransformersVoice:  # fmt: skip
        """spec: a folder, a hub id in the cache, or one to fetch. vocoder: folder or id, for models that make spectrograms.
        encoder: folder or id of the x-vector model whose speaker embeddings the voice takes: it clones by them. layers: names, by
        commas, where its hidden states are steered (the middle of its longest stack). offload: layers that do not fit on the GPU
        wait in memory.

        Raises InputError for a model that makes no speech, MissingWeightsError.
        """
        place = hub.place_of(device)
        folder = hub.resolve(spec, allow_pickle, sha256=sha256)
        pipe = load_pipeline(spec, folder, place, dtype, vocoder, allow_pickle, offload)
        space = None
        if encoder is not None:
            width = width_of(pipe.model)
            if width is None:
                raise InputError(f"'{spec}' takes no speaker embedding; leave 'encoder' out")
            space = SpeakerSpace.load(encoder, width, place, allow_pickle)
        if layers:
            hidden.layers_of(pipe.model, layers)
        return cls(pipe, spec, hub.fingerprint(folder), space, layers, folder)

    # directions

    @property
    def _kept_as(self) -> tuple[str, str]:
        if self.space is not None:
            return self.space.key, "speakers"
        return self.key, "hidden-" + "".join(c if c.isalnum() else "_" for c in "+".join(self.steered_layers))[:80]

    @cached_property
    def steered_layers(self) -> tuple[str, ...]:
        """Where hidden states are steered: as named when it was loaded, else the middle of what a text passes first."""
        model = self.pipe.model
        return hidden.layers_of(model, self._layers) if self._layers else hidden.trunk(model, self._pass)

    def _pass(self, text: str) -> Any:
        width = width_of(self.pipe.model)
        return self.plain(text, 0, options={} if width is None else {"speaker_embeddings": torch.zeros(1, width)})

    def _find(self, data: Path | None, progress: Any) -> dict[str, Directions]:
        if self.space is None:
            return hidden.fit(self.pipe.model, self._pass, self.steered_layers, progress=progress)
        if data is None:
            raise InputError("directions of speaker embeddings are found in labelled clips; give --data FOLDER")
        return latents.fit(latents.clips(data, self.space.vectors, progress))

    # speaking

    @torch.inference_mode()
    def plain(
        self, text: str, seed: int, clip: Speech | None = None, clip_text: str = "", options: Mapping[str, Any] | None = None,
        voice: str | None = None, push: Push | None = None,
    ) -> Speech:  # fmt: skip
        """What the model says by itself, or moved by `push`. Random numbers of torch are seeded inside and left as they were."""
        if voice not in (None, "default"):
            raise InputError(f"'{self.name}' has one voice, 'default'; clone another with reference=CLIP")
        with (
            hub.explained(self.spec, self._folder, str(self.pipe.device)),
            torch.random.fork_rng(devices=_devices(self.pipe.device)),
            self._pushed(push),
        ):
            torch.manual_seed(seed)
            params = _sorted_options(self.pipe, dict(options or {}))
            _typed(params, self.pipe.model.dtype)
            if self.space is not None:
                self._speaker(params, clip, push)
                clip = None
            if clip is None and not cloning.takes_chat(self.pipe.processor):
                samples = self.pipe(text, **params)["audio"]
            else:
                clip = None if clip is None else Speech(clip.samples, clip.rate, clip_text)
                kind = self.pipe.model.config.model_type
                ready = cloning.inputs(self.pipe.processor, kind, text, clip, self.rate)
                ready = ready.to(self.pipe.device, dtype=self.pipe.model.dtype)
                forward = {k: params.get(k, {}) for k in ("forward_params", "generate_kwargs")}
                samples = _sound(self.pipe, self.pipe._forward(dict(ready), **forward))
        return self._speech(samples, text)

    @torch.inference_mode()
    def plains(
        self, lines: Sequence[Line], clip_text: str = "", options: Mapping[str, Any] | None = None, voice: str | None = None,
        push: Push | None = None, most: int = MOST,
    ) -> list[Speech]:  # fmt: skip
        """See `PretrainedVoice.plains`. Texts go through the model padded and together; each draws its own random numbers. A model
        that draws some for all of them at once is given those of one seed and length of clip at a time, at last one text."""
        if voice not in (None, "default") or len(lines) < 2:
            return super().plains(lines, clip_text, options, voice, push, most)
        order = sorted(range(len(lines)), key=lambda i: len(lines[i].text))  # alike in length: little padding
        try:
            with hub.explained(self.spec, self._folder, str(self.pipe.device)), self._pushed(push):
                said = in_batches(
                    [lines[i] for i in order],
                    most,
                    lambda part: self._together(part, clip_text, dict(options or {}), push),
                )
                made = dict(zip(order, said, strict=True))
        except Indivisible:
            kinds = [(line.seed, 0 if line.clip is None else len(line.clip.samples)) for line in lines]
            if len(set(kinds)) == 1:
                return super().plains(lines, clip_text, options, voice, push, most)
            made = {}
            for kind in sorted(set(kinds)):
                places = [i for i, k in enumerate(kinds) if k == kind]
                parts = self.plains([lines[i] for i in places], clip_text, options, voice, push, most)
                made |= dict(zip(places, parts, strict=True))
        return [made[i] for i in range(len(lines))]

    def _together(
        self, lines: Sequence[Line], said: str, options: dict[str, Any], push: Push | None
    ) -> list[Speech]:  # fmt: skip
        params = _sorted_options(self.pipe, options)
        _typed(params, self.pipe.model.dtype)
        if self.space is not None:
            lines = self._speakers(params, lines, push)
        ready = inputs(self.pipe, lines, said, self.rate, params.pop("preprocess_params", {}))
        ready = self.pipe._ensure_tensor_on_device(_precise(dict(ready), self.pipe.model.dtype), self.pipe.device)
        uneven = len({len(line.clip.samples) for line in lines if line.clip is not None}) > 1
        with Rows([line.seed for line in lines], self.pipe.device, lengths(ready), uneven):
            made = sounds(self.pipe, ready, params)
        return [self._speech(x, line.text) for x, line in zip(made, lines, strict=True)]

    def _speakers(self, params: dict[str, Any], lines: Sequence[Line], push: Push | None) -> list[Line]:
        """The speaker embeddings of the lines' clips, a row each; the lines without their clips."""
        assert self.space is not None
        rows = []
        for line in lines:
            one = {"forward_params": dict(params.get("forward_params", {}))}
            self._speaker(one, line.clip, push)
            rows.append(one["forward_params"][self.space.name])
        params.setdefault("forward_params", {})[self.space.name] = torch.cat(rows)
        return [replace(line, clip=None) for line in lines]

    def _speech(self, samples: Any, text: str) -> Speech:
        x = np.asarray(samples, np.float32).squeeze()
        if x.ndim != 1 or not x.size or not np.isfinite(x).all():
            raise MediaError(f"'{self.name}' made no sound for this text; try another seed, or a longer text")
        return Speech(np.clip(x, -1, 1), self.rate, text, voice="default")

    @contextlib.contextmanager
    def _pushed(self, push: Push | None) -> Iterator[None]:
        """While it lasts, the model's settings and hidden states are moved; nothing is touched without a push."""
        with contextlib.ExitStack() as stack:
            if push is not None and "settings" in push.levers:
                values = settings.moved(self.pipe.model, push.emotion, push.strength)
                stack.enter_context(settings.applied(self.pipe.model, values))
            if push is not None and "directions" in push.levers and self.space is None:
                offsets = hidden.as_offsets(self.found, push.emotion, push.strength)
                stack.enter_context(steered(self.pipe.model, offsets))
            yield

    def _speaker(self, params: dict[str, Any], clip: Speech | None, push: Push | None) -> None:
        """The speaker embedding of the clip, or the one given, moved along its directions."""
        assert self.space is not None
        forward = params.setdefault("forward_params", {})
        if clip is not None:
            forward[self.space.name] = torch.from_numpy(self.space.embed(clip))[None]
        given = forward.get(self.space.name)
        if given is None:
            raise InputError(f"'{self.name}' speaks in the voice of a clip; give reference=CLIP")
        if push is not None and "directions" in push.levers:
            offset = self.found[self.space.name].offset(push.emotion, push.strength)
            given = torch.from_numpy(turned(np.asarray(given.float().cpu(), np.float32), offset))
        forward[self.space.name] = given.to(self.pipe.device, self.pipe.model.dtype)


def _sound(pipe: Any, output: Any) -> Any:
    """Samples of what a model gave: codes (Higgs Audio) or latents (Pocket TTS) that its processor decodes, else as the pipeline
    does."""
    codes = output.get("audio_sequences") if hasattr(output, "get") else None
    if codes is not None:
        return pipe.processor.batch_decode(codes)[0].float().cpu().numpy()
    latents = output.get("audio_latents") if hasattr(output, "get") else None
    if latents is not None:
        found = pipe.processor.decode(latents, output.get("audio_latents_mask"))
        return (found[0] if isinstance(found, list) else found).float().cpu().numpy()
    return pipe.postprocess(output)["audio"]


def _sorted_options(pipe: Any, given: dict[str, Any]) -> dict[str, Any]:
    """Loose options as the pipeline's forward_params; what is named so already stays."""
    named = ("forward_params", "generate_kwargs", "preprocess_params")
    out: dict[str, Any] = {k: dict(given.pop(k)) for k in named if k in given}
    if given:
        out["forward_params"] = {**out.get("forward_params", {}), **given}
    return out


def _precise(ready: dict[str, Any], dtype: torch.dtype) -> dict[str, Any]:
    return {k: v.to(dtype) if isinstance(v, torch.Tensor) and v.is_floating_point() else v for k, v in ready.items()}


def _typed(params: dict[str, Any], dtype: torch.dtype) -> None:
    """Tensors of numbers among the options in the model's own precision."""
    for given in params.values():
        for key, value in given.items():
            if isinstance(value, torch.Tensor) and value.is_floating_point():
                given[key] = value.to(dtype)


def _devices(device: Any) -> list[Any]:
    return [device] if getattr(device, "type", "cpu") == "cuda" else []
