"""Who speaks, in coqui's models: XTTS's conditioning latents, the d-vectors of VITS and YourTTS."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import torch

from genstudio.errors import InputError
from genstudio.media.audio import write_audio
from genstudio.protocols import Speech

from .speaker_space import turned

_RATE = 22_050  # Hz of XTTS's clips


def speakers_of(model: Any) -> Latents | DVectors | None:
    """Where a model takes a voice from a clip; None where it cannot."""
    if type(model).__name__ == "Xtts":
        return Latents(model)
    manager = model.speaker_manager
    return DVectors(model) if manager is not None and manager.encoder is not None else None


class Latents:
    """XTTS: `gpt_cond_latent` [1, tokens, n], by which the language model speaks, `speaker_embedding` [1, n, 1] of its vocoder."""

    def __init__(self, model: Any) -> None:
        self.model = model

    def of(self, clip: Speech | None, name: str | None) -> dict[str, torch.Tensor]:
        """Of a clip, or of a speaker of the model."""
        if clip is None:
            latent, speaker = self.model.speaker_manager.speakers[name].values()
            return {"gpt_cond_latent": latent, "speaker_embedding": speaker}
        config = self.model.config
        x = torch.from_numpy(_at(clip, _RATE))[None]
        x = x[:, : _RATE * int(config.max_ref_len)].to(self.model.device)
        latent = self.model.get_gpt_cond_latents(
            x, _RATE, length=config.gpt_cond_len, chunk_length=config.gpt_cond_chunk_len
        )
        return {"gpt_cond_latent": latent, "speaker_embedding": self.model.get_speaker_embedding(x, _RATE)}

    def vectors(self, clip: Speech) -> dict[str, np.ndarray]:
        """The same as rows [n], to fit directions on."""
        return {k: v.float().cpu().numpy().reshape(-1) for k, v in self.of(clip, None).items()}

    def moved(self, who: dict[str, torch.Tensor], offsets: dict[str, np.ndarray]) -> dict[str, torch.Tensor]:
        """Moved by offsets [n]; the speaker embedding keeps its length."""
        latent = who["gpt_cond_latent"]
        step = torch.from_numpy(_fitting(offsets, "gpt_cond_latent", latent)).to(latent)
        speaker = who["speaker_embedding"]
        vector = speaker.float().cpu().numpy()
        new = turned(vector, _fitting(offsets, "speaker_embedding", speaker))
        return {
            "gpt_cond_latent": latent if not step.any() else latent + step.reshape(latent.shape),
            "speaker_embedding": speaker if new is vector else torch.from_numpy(new).to(speaker),
        }


class DVectors:
    """VITS and YourTTS with a speaker encoder: one d-vector [n]."""

    def __init__(self, model: Any) -> None:
        self.model = model

    def of(self, clip: Speech | None, name: str | None) -> np.ndarray:
        """Of a clip, or the mean of a speaker's in the model's file."""
        manager = self.model.speaker_manager
        if clip is None:
            return np.asarray(manager.get_mean_embedding(name), np.float32)
        with tempfile.TemporaryDirectory() as folder:  # coqui's encoder takes files
            path = Path(folder) / "clip.wav"
            write_audio(path, clip.samples, clip.rate)
            return np.asarray(manager.compute_embedding_from_clip(str(path)), np.float32)

    def vectors(self, clip: Speech) -> dict[str, np.ndarray]:
        """The same by name, to fit directions on."""
        return {"d_vector": self.of(clip, None)}

    def moved(self, who: np.ndarray, offsets: dict[str, np.ndarray]) -> np.ndarray:
        """Moved by an offset, its length kept."""
        return turned(who, _fitting(offsets, "d_vector", who))


def say_vits(
    model: Any, sentence: str, language: str | None, who: np.ndarray | None, name: str | None, given: dict[str, Any]
) -> Any:  # fmt: skip
    """Samples of one sentence by VITS: in a d-vector's voice, a speaker's of its table, or its only one."""
    if given:
        raise InputError(f"VITS of coqui-tts takes no '{sorted(given)[0]}'; valid: language")
    device = next(model.parameters()).device
    manager = model.language_manager
    ids = model.tokenizer.text_to_ids(sentence, language=language)
    letters = model.tokenizer.characters
    if not set(ids) - {getattr(letters, "blank_id", None), getattr(letters, "pad_id", None)}:
        raise InputError(f"this voice's alphabet has no letter of '{sentence[:40]}'")
    more: dict[str, Any] = {
        "x_lengths": None,
        "d_vectors": None,
        "speaker_ids": None,
        "language_ids": None,
        "durations": None,
    }
    if who is not None:
        more["d_vectors"] = torch.from_numpy(np.asarray(who, np.float32))[None].to(device)
    elif name is not None and model.args.use_speaker_embedding:
        more["speaker_ids"] = torch.tensor([model.speaker_manager.name_to_id[name]], device=device)
    elif name is not None:
        row = np.asarray(model.speaker_manager.get_mean_embedding(name), np.float32)
        more["d_vectors"] = torch.from_numpy(row)[None].to(device)
    if language is not None and model.args.use_language_embedding:
        more["language_ids"] = torch.tensor([manager.name_to_id[language]], device=device)
    made = model.inference(torch.tensor([ids], device=device), more)["model_outputs"]
    return made.float().cpu().numpy()


def _fitting(offsets: dict[str, np.ndarray], name: str, like: Any) -> np.ndarray:
    offset = offsets.get(name)
    size = int(np.prod(like.shape))
    if offset is None or offset.size != size:
        raise InputError(
            f"the directions of '{name}' have {0 if offset is None else offset.size} numbers, the voice {size}; fit again"
        )
    return np.asarray(offset, np.float32)


def _at(clip: Speech, rate: int) -> np.ndarray:
    import soxr

    x = np.asarray(clip.samples, np.float32)
    return x if clip.rate == rate else np.asarray(soxr.resample(x, clip.rate, rate), np.float32)
