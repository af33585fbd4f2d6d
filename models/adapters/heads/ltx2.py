"""`Ltx2Head`: diffusers' LTX2ConditionPipeline, from the portrait as first frame and our speech as its sound."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from genstudio.emotion import Emotion, EmotionCurve
from genstudio.errors import FaceError, InputError
from genstudio.media.rates import VIDEO_FPS
from genstudio.protocols import Motion, Speech, TalkingHead
from genstudio.signals.faces import find_faces

from .base import PipelineHead, pixels_of
from .driving import fitted, head_of

if TYPE_CHECKING:
    from genstudio.protocols import F32, U8

_FFT, _FLOOR = 1024, 1e-5  # of the spectrograms its audio VAE was trained on
_SOUND = ("audio_guidance_scale", "audio_stg_scale", "audio_modality_scale", "audio_guidance_rescale")  # as the video's
_CLEAN = 1e-6  # noise level of sound that is given


class Ltx2Head(PipelineHead):
    """Portrait, speech and emotion to video by LTX-2 (Lightricks 2026). The speech is given as clean audio latents throughout, so
    that the lips follow it; the emotion comes by directions in the prompt embeddings (`strength`, also `emotion_guidance`)."""

    scheme, of, multiple, strength = "ltx2", "LTX2ConditionPipeline", 32, 1.0

    def __call__(
        self, portrait: U8, speech: Speech, emotion: Emotion | EmotionCurve, *, size: int = 512, seed: int = 0,
        progress: Callable[[float], None] | None = None, prompt: str | None = None, strength: float | None = None,
        fps: float = VIDEO_FPS, **options: Any,
    ) -> TalkingHead:  # fmt: skip
        """portrait: uint8 [h, w, 3] RGB; size: of the longer side in pixels, a multiple of 32. Raises FaceError, InputError."""
        from diffusers.pipelines.ltx2.pipeline_ltx2_condition import LTX2VideoCondition

        if "emotion_guidance" in options:
            strength = float(options.pop("emotion_guidance"))
        given, _ = self._split(options, ())
        picture = fitted(portrait, size, self.multiple)
        if not find_faces(portrait):
            raise FaceError("no face is found in the portrait; give one that shows a face from the front")
        count = max(1, round(speech.duration * fps))
        grid = self.pipeline.vae_temporal_compression_ratio
        frames = -(-(count - 1) // grid) * grid + 1
        if not len(speech.samples):
            raise InputError("the speech is empty; give a recording or a text")
        given = {
            "conditions": [LTX2VideoCondition(frames=Image.fromarray(picture), index=0, strength=1.0)],
            "height": picture.shape[0], "width": picture.shape[1], "num_frames": frames, "frame_rate": fps,
            "audio_latents": self.audio_latents(speech, frames / fps), **dict.fromkeys(_SOUND), **given,
        }  # fmt: skip
        chosen = self.strength if strength is None else strength
        with heard(self.pipeline):
            made, info = self._run(prompt or self.prompt, emotion, chosen, given, seed, progress)
        info["lever"] = ", ".join(["our speech", *(["directions"] if info["moved"] else [])])
        motion = Motion(np.zeros((count, 0), np.float32), (), fps)
        return head_of(pixels_of(made.frames[0], count), motion, speech, emotion, seed, info)

    @torch.no_grad()
    def audio_latents(self, speech: Speech, seconds: float) -> Tensor:
        """Speech of this length (padded with silence) by the pipeline's own audio VAE: [1, channels, frames, bands]."""
        import soxr

        vae = self.pipeline.audio_vae
        rate, hop = vae.config.sample_rate, vae.config.mel_hop_length
        x = np.asarray(speech.samples, np.float32)
        x = soxr.resample(x, speech.rate, rate) if speech.rate != rate else x
        wanted = max(_FFT, round(seconds * rate))
        x = np.pad(x[:wanted], (0, max(0, wanted - len(x))))
        mel = log_mel(x, rate, hop, vae.config.mel_bins)[: max(1, wanted // hop)]
        sound = torch.from_numpy(mel)[None, None].repeat(1, vae.config.in_channels, 1, 1)
        device = getattr(self.pipeline, "_execution_device", vae.device)
        return vae.encode(sound.to(device, vae.dtype)).latent_dist.mode().float()


def log_mel(samples: F32, rate: int, hop: int, bands: int) -> F32:
    """Natural log of mel magnitudes, float32 [frames, bands]: Slaney's scale and area norm, Hann window of 1024, centred frames, as
    LTX-2's audio VAE was trained on."""
    from transformers.audio_utils import mel_filter_bank

    bank = mel_filter_bank(_FFT // 2 + 1, bands, 0.0, rate / 2, rate, norm="slaney", mel_scale="slaney")
    spectrum = torch.stft(
        torch.from_numpy(samples), _FFT, hop, window=torch.hann_window(_FFT), center=True, pad_mode="reflect",
        return_complex=True,
    ).abs()  # fmt: skip
    mel = torch.from_numpy(bank.T).float() @ spectrum
    return np.asarray(mel.clamp(min=_FLOOR).log().T.numpy(), np.float32)


@contextlib.contextmanager
def heard(pipeline: Any) -> Iterator[None]:
    """While it lasts, the pipeline keeps given audio latents as they are at every step, and knows that they are clean.

    diffusers starts given latents from pure noise; here the sound is a condition: noise level and timestep 0, never stepped.
    """
    from diffusers import FlowMatchEulerDiscreteScheduler

    base: Any = FlowMatchEulerDiscreteScheduler

    class Given(base):  # type: ignore[misc]
        timesteps: Tensor
        sigmas: Tensor

        def set_timesteps(
            self,
            num_inference_steps: Any = None,
            device: Any = None,
            sigmas: Any = None,
            mu: Any = None,
            timesteps: Any = None,
        ) -> None:
            super().set_timesteps(num_inference_steps, device, sigmas, mu, timesteps)
            self.timesteps = torch.zeros_like(self.timesteps)
            self.sigmas = torch.full_like(self.sigmas, _CLEAN)

        def step(self, model_output: Tensor, timestep: Any, sample: Tensor, **options: Any) -> tuple[Tensor]:
            return (sample,)

    plain, before = pipeline.prepare_audio_latents, pipeline.audio_scheduler
    pipeline.prepare_audio_latents = lambda *a, **k: plain(*a, **{**k, "noise_scale": 0.0})
    vars(pipeline)["audio_scheduler"] = Given.from_config(pipeline.scheduler.config)
    try:
        yield
    finally:
        del pipeline.prepare_audio_latents
        vars(pipeline)["audio_scheduler"] = before
