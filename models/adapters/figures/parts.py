"""Of what the catalogue's models are made: the library's class of each part, and where its published configuration differs from
the class's own defaults. Where a listing of the files agrees with the sum in these precisions, the catalogue says so."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Part:
    """target: 'module:class'; config: what differs from its defaults; stored: precision of its published files."""

    name: str
    target: str
    config: dict[str, Any] = field(default_factory=dict)
    stored: str = "float32"


@dataclass(frozen=True)
class Made:
    """loaded: the precision that genstudio loads by default (on a GPU, for pictures and heads)."""

    parts: tuple[Part, ...]
    loaded: str = "bfloat16"


_T, _D = "transformers:", "diffusers:"
_BLOCKS = {
    "block_out_channels": (128, 256, 512, 512), "layers_per_block": 2,
    "down_block_types": ("DownEncoderBlock2D",) * 4, "up_block_types": ("UpDecoderBlock2D",) * 4,
}  # fmt: skip
_CLIP_L = {"hidden_size": 768, "intermediate_size": 3072, "num_attention_heads": 12, "num_hidden_layers": 12}
_CLIP_G = {
    "hidden_size": 1280, "intermediate_size": 5120, "num_attention_heads": 20, "num_hidden_layers": 32, "projection_dim": 1280
}  # fmt: skip
_T5_XXL = {
    "d_model": 4096, "d_ff": 10240, "num_layers": 24, "num_heads": 64, "d_kv": 64, "feed_forward_proj": "gated-gelu"
}  # fmt: skip
_SAFETY = {
    "projection_dim": 768,
    "vision_config": {
        "hidden_size": 1024, "intermediate_size": 4096, "num_hidden_layers": 24, "num_attention_heads": 16, "patch_size": 14,
        "image_size": 224, "projection_dim": 768,
    },
}  # fmt: skip
_UNET_XL = {
    "block_out_channels": (320, 640, 1280), "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
    "up_block_types": ("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"), "transformer_layers_per_block": (1, 2, 10),
    "attention_head_dim": (5, 10, 20), "cross_attention_dim": 2048, "addition_embed_type": "text_time",
    "addition_time_embed_dim": 256, "projection_class_embeddings_input_dim": 2816, "use_linear_projection": True,
}  # fmt: skip
_SD35 = {
    "num_layers": 24, "num_attention_heads": 24, "caption_projection_dim": 1536, "pos_embed_max_size": 384,
    "dual_attention_layers": tuple(range(13)), "qk_norm": "rms_norm",
}  # fmt: skip
_QWEN_VL = {
    "tie_word_embeddings": False,
    "text_config": {
        "hidden_size": 3584, "intermediate_size": 18944, "num_hidden_layers": 28, "num_attention_heads": 28,
        "num_key_value_heads": 4, "vocab_size": 152064, "tie_word_embeddings": False,
    },
    "vision_config": {"depth": 32, "hidden_size": 1280, "intermediate_size": 3420, "num_heads": 16, "out_hidden_size": 3584},
}  # fmt: skip
_QWEN3 = {
    "hidden_size": 2560, "intermediate_size": 9728, "num_hidden_layers": 36, "num_attention_heads": 32,
    "num_key_value_heads": 8, "head_dim": 128, "vocab_size": 151936,
}  # fmt: skip
_DC = {
    **{f"{side}_block_types": ("ResBlock",) * 3 + ("EfficientViTBlock",) * 3 for side in ("encoder", "decoder")},
    **{f"{side}_block_out_channels": (128, 256, 512, 512, 1024, 1024) for side in ("encoder", "decoder")},
    **{f"{side}_qkv_multiscales": ((), (), (), (5,), (5,), (5,)) for side in ("encoder", "decoder")},
    "encoder_layers_per_block": (2, 2, 2, 3, 3, 3), "decoder_layers_per_block": (3, 3, 3, 3, 3, 3),
    "decoder_norm_types": "rms_norm", "decoder_act_fns": "silu", "downsample_block_type": "Conv",
    "upsample_block_type": "interpolate",
}  # fmt: skip
_GEMMA3 = {
    "text_config": {
        "hidden_size": 3840, "intermediate_size": 15360, "num_hidden_layers": 48, "num_attention_heads": 16,
        "num_key_value_heads": 8, "head_dim": 256, "vocab_size": 262208,
    },
    "vision_config": {
        "hidden_size": 1152, "intermediate_size": 4304, "num_hidden_layers": 27, "num_attention_heads": 16, "patch_size": 14,
        "image_size": 896,
    },
}  # fmt: skip
_VIT_H = {
    "hidden_size": 1280, "intermediate_size": 5120, "num_hidden_layers": 32, "num_attention_heads": 16, "patch_size": 14,
    "image_size": 224,
}  # fmt: skip
_BARK = {
    "semantic_config": {"input_vocab_size": 129600, "output_vocab_size": 10048},
    "coarse_acoustics_config": {"input_vocab_size": 12096, "output_vocab_size": 12096},
    "fine_acoustics_config": {"input_vocab_size": 1056, "output_vocab_size": 1056},
}
_QWEN2 = {
    "model_type": "qwen2", "hidden_size": 1536, "intermediate_size": 8960, "num_hidden_layers": 28, "num_attention_heads": 12,
    "num_key_value_heads": 2, "vocab_size": 151936, "tie_word_embeddings": True,
}  # fmt: skip
_UMT5 = {**_T5_XXL, "vocab_size": 256384}
_WAV2VEC2 = {
    "hidden_size": 1024, "num_hidden_layers": 12, "num_attention_heads": 16, "intermediate_size": 4096,
    "feat_extract_norm": "layer", "conv_bias": True, "do_stable_layer_norm": True,
}  # fmt: skip
_WHISPER = {
    "vocab_size": 51865, "d_model": 768, "encoder_layers": 12, "decoder_layers": 12, "encoder_attention_heads": 12,
    "decoder_attention_heads": 12, "encoder_ffn_dim": 3072, "decoder_ffn_dim": 3072,
}  # fmt: skip
_ROBERTA = {"num_labels": 28, "vocab_size": 50265, "max_position_embeddings": 514, "type_vocab_size": 1}

_VAE = Part("vae", _D + "AutoencoderKL", _BLOCKS)
_TEXT_L = Part("text_encoder", _T + "CLIPTextModel", _CLIP_L)


def _vae16(stored: str = "bfloat16") -> Part:
    more = {"latent_channels": 16, "use_quant_conv": False, "use_post_quant_conv": False}
    return Part("vae", _D + "AutoencoderKL", {**_BLOCKS, **more}, stored)


def _xl() -> Made:
    second = Part("text_encoder_2", _T + "CLIPTextModelWithProjection", _CLIP_G)
    return Made((Part("unet", _D + "UNet2DConditionModel", _UNET_XL), _TEXT_L, second, _VAE))


def _flux(guided: bool) -> Made:
    half = "bfloat16"
    return Made((
        Part("transformer", _D + "FluxTransformer2DModel", {"guidance_embeds": guided}, half),
        Part("text_encoder", _T + "CLIPTextModel", _CLIP_L, half), Part("text_encoder_2", _T + "T5EncoderModel", _T5_XXL, half),
        _vae16(),
    ))  # fmt: skip


def _one(target: str, config: dict[str, Any] | None = None, stored: str = "float32", *more: Part) -> Made:
    return Made((Part("model", target, config or {}, stored), *more), "float32")


MODELS: dict[str, Made] = {
    "sd15": Made((
        Part("unet", _D + "UNet2DConditionModel", {"cross_attention_dim": 768}), _TEXT_L, _VAE,
        Part(
            "safety_checker", "diffusers.pipelines.stable_diffusion.safety_checker:StableDiffusionSafetyChecker", _SAFETY
        ),
    )),
    "sdxl": _xl(),
    "sdxl-turbo": _xl(),
    "sd35-medium": Made((
        Part("transformer", _D + "SD3Transformer2DModel", _SD35, "float16"),
        Part("text_encoder", _T + "CLIPTextModelWithProjection", {**_CLIP_L, "projection_dim": 768}, "float16"),
        Part("text_encoder_2", _T + "CLIPTextModelWithProjection", _CLIP_G, "float16"),
        Part("text_encoder_3", _T + "T5EncoderModel", _T5_XXL, "float16"), _vae16(),
    )),
    "flux-schnell": _flux(False),
    "flux-dev": _flux(True),
    "qwen-image": Made((
        Part("transformer", _D + "QwenImageTransformer2DModel", {}, "bfloat16"),
        Part("text_encoder", _T + "Qwen2_5_VLForConditionalGeneration", _QWEN_VL, "bfloat16"),
        Part("vae", _D + "AutoencoderKLQwenImage", {}, "bfloat16"),
    )),
    "z-image-turbo": Made((
        Part("transformer", _D + "ZImageTransformer2DModel"), Part("text_encoder", _T + "Qwen3Model", _QWEN3, "bfloat16"),
        _vae16(),
    )),
    "sana": Made((
        Part("transformer", _D + "SanaTransformer2DModel", {}, "bfloat16"),
        Part("text_encoder", _T + "Gemma2Model", {}, "bfloat16"), Part("vae", _D + "AutoencoderDC", _DC),
    )),
    "pixart-sigma": Made((
        Part("transformer", _D + "PixArtTransformer2DModel"), Part("text_encoder", _T + "T5EncoderModel", _T5_XXL), _VAE,
    )),
    "pocket-tts": _one("transformers.models.pocket_tts:PocketTTSForConditionalGeneration"),
    "bark-small": _one(_T + "BarkModel", _BARK),
    "speecht5": _one(_T + "SpeechT5ForTextToSpeech", {}, "float32", Part("vocoder", _T + "SpeechT5HifiGan")),
    "mms-eng": _one(_T + "VitsModel"),
    "vits-ljs": _one(_T + "VitsModel", {"vocab_size": 178}),
    "csm": _one(_T + "CsmForConditionalGeneration"),
    "dia": _one(_T + "DiaForConditionalGeneration", {}, "float32", Part("codec", _T + "DacModel")),
    "higgs": _one(_T + "HiggsAudioV2ForConditionalGeneration", {}, "bfloat16"),
    "vibevoice": _one(_T + "VibeVoiceForConditionalGeneration", {"text_config": _QWEN2}, "bfloat16"),
    "wan-animate": Made((
        Part("transformer", _D + "WanAnimateTransformer3DModel", {"image_dim": 1280, "added_kv_proj_dim": 5120}),
        Part("text_encoder", _T + "UMT5EncoderModel", _UMT5, "bfloat16"),
        Part("image_encoder", _T + "CLIPVisionModel", _VIT_H, "bfloat16"), Part("vae", _D + "AutoencoderKLWan"),
    )),
    "ltx2": Made((
        Part("transformer", _D + "LTX2VideoTransformer3DModel", {}, "bfloat16"),
        Part("text_encoder", _T + "Gemma3ForConditionalGeneration", _GEMMA3),
        Part("connectors", "diffusers.pipelines.ltx2.connectors:LTX2TextConnectors", {}, "bfloat16"),
        Part("vae", _D + "AutoencoderKLLTX2Video", {}, "bfloat16"),
        Part("audio_vae", _D + "AutoencoderKLLTX2Audio", {}, "bfloat16"),
        Part("vocoder", "diffusers.pipelines.ltx2.vocoder:LTX2Vocoder", {}, "bfloat16"),
    )),
    "audeering-vad": _one(_T + "Wav2Vec2Model", _WAV2VEC2),
    "vit-face": _one(_T + "ViTForImageClassification", {"num_labels": 7}),
    "roberta-goemotions": _one(_T + "RobertaForSequenceClassification", _ROBERTA),
    "clip": _one(_T + "CLIPModel"),
    "whisper-small": _one(_T + "WhisperForConditionalGeneration", _WHISPER),
}  # fmt: skip
