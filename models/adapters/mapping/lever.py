"""`PromptMapping`: trained mapping networks as a lever of any pipeline."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from genstudio.emotion import Emotion
from genstudio.errors import InputError, MissingWeightsError
from genstudio.weights import read_tensors

from ..levers import acts
from ..prompts import present
from .net import MappingNet


class PromptMapping:
    """One `MappingNet` an embedding (`genstudio.protocols.EmotionAdapter`). Dominance is not heard.

    nets: by the embedding's name; about: what training wrote: model, its fingerprint, held-out figures.
    """

    lever = "mapping"

    def __init__(self, nets: Mapping[str, MappingNet], about: Mapping[str, Any]) -> None:
        self.nets, self.about = dict(nets), dict(about)

    @classmethod
    def load(cls, path: str | Path, fingerprint: str = "") -> PromptMapping:
        """What `train` wrote. fingerprint: of the model it is to be used with. Raises MissingWeightsError, InputError."""
        if not Path(path).is_file():
            raise MissingWeightsError(
                f"there is no mapping '{path}'; train one: python -m genstudio.models.adapters.mapping.train"
            )
        tensors, header = read_tensors(path)
        try:
            config = json.loads(header["config"])
            about, shapes = config["about"], config["nets"]
        except (KeyError, ValueError, TypeError):
            raise MissingWeightsError(f"'{path}' holds no prompt mapping; train it again") from None
        if fingerprint and about.get("fingerprint") != fingerprint:
            raise InputError(
                f"'{path}' was trained for '{about.get('model')}' ({str(about.get('fingerprint'))[:12]}…), not for these weights "
                f"({fingerprint[:12]}…); train one for them"
            )
        nets = {}
        for name, shape in shapes.items():
            net = MappingNet(**shape)
            own = {k.removeprefix(name + "."): v.float() for k, v in tensors.items() if k.startswith(name + ".")}
            try:
                net.load_state_dict(own)
            except RuntimeError as error:
                raise MissingWeightsError(f"'{path}' does not fit its network: {str(error).splitlines()[0]}") from None
            nets[name] = net.eval().requires_grad_(False)
        return cls(nets, about)

    def fit(self, *, force: bool = False, progress: Callable[[float], None] | None = None) -> dict[str, Any]:
        """What training measured on items held out; it is trained apart, so there is nothing to fit. Raises InputError on force."""
        if force:
            raise InputError(
                "a mapping is trained, not fitted: python -m genstudio.models.adapters.mapping.train --data DIR --model MODEL"
            )
        return {"cached": True, **self.about}

    @torch.no_grad()
    def apply(self, name: str, value: Any, emotion: Emotion, strength: float = 1.0, mask: Tensor | None = None) -> Any:
        """See `genstudio.protocols.EmotionAdapter.apply`."""
        if not acts(emotion, strength) or name not in self.nets:
            return value
        if isinstance(value, (list, tuple)):
            return type(value)(self.apply(name, v[None], emotion, strength)[0] for v in value)
        net = self.nets[name]
        width = net.config["width"]
        if value.shape[-1] != width:
            raise InputError(
                f"the prompt embeddings have {value.shape[-1]} channels, the mapping {width}; train it for this model"
            )
        net.to(value.device)
        x = value.reshape(value.shape[0], -1, width)
        there = present(value, mask) if value.ndim > 2 else None
        zero = Emotion.neutral()
        va = torch.tensor([[emotion.valence - zero.valence, emotion.arousal - zero.arousal]], device=x.device)
        step = net(x, va.expand(len(x), -1), None if there is None else there.reshape(x.shape[:2]))
        return value + (strength * step).to(value.dtype).reshape(value.shape)
