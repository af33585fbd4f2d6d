"""Real diffusers pipelines at tiny sizes with random weights, as diffusers' own tests build them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from diffusers import (
    AuraFlowPipeline,
    AuraFlowTransformer2DModel,
    AutoencoderDC,
    EulerDiscreteScheduler,
    FlowMatchEulerDiscreteScheduler,
    FluxPipeline,
    FluxTransformer2DModel,
    Lumina2Pipeline,
    Lumina2Transformer2DModel,
    PixArtSigmaPipeline,
    PixArtTransformer2DModel,
    SanaPipeline,
    SanaTransformer2DModel,
    SD3Transformer2DModel,
    StableDiffusion3Pipeline,
    StableDiffusionPipeline,
    StableDiffusionXLPipeline,
)
from transformers import UMT5EncoderModel

from .encoders import clip_text, clip_tokenizer, gemma, t5, word_tokenizer
from .parts import unet, vae
from .recent import qwen, zimage


def sd(folder: Path) -> Any:
    return StableDiffusionPipeline(
        vae=vae(),
        text_encoder=clip_text(),
        tokenizer=clip_tokenizer(folder),
        unet=unet(32),
        scheduler=EulerDiscreteScheduler(),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )


def sdxl(folder: Path) -> Any:
    inner = unet(
        64,
        addition_embed_type="text_time",
        addition_time_embed_dim=8,
        projection_class_embeddings_input_dim=80,
        use_linear_projection=True,
    )
    return StableDiffusionXLPipeline(
        vae=vae(),
        text_encoder=clip_text(),
        text_encoder_2=clip_text(projection=True, seed=5),
        tokenizer=clip_tokenizer(folder),
        tokenizer_2=clip_tokenizer(folder),
        unet=inner,
        scheduler=EulerDiscreteScheduler(),
    )


def sd3(folder: Path) -> Any:
    torch.manual_seed(4)
    inner = SD3Transformer2DModel(
        sample_size=32,
        patch_size=1,
        in_channels=4,
        num_layers=1,
        attention_head_dim=8,
        num_attention_heads=4,
        caption_projection_dim=32,
        joint_attention_dim=32,
        pooled_projection_dim=64,
        out_channels=4,
    )
    t = word_tokenizer()
    return StableDiffusion3Pipeline(
        transformer=inner.eval(),
        scheduler=FlowMatchEulerDiscreteScheduler(),
        vae=vae(4, True),
        text_encoder=clip_text(projection=True),
        tokenizer=clip_tokenizer(folder),
        text_encoder_2=clip_text(projection=True, seed=6),
        tokenizer_2=clip_tokenizer(folder),
        text_encoder_3=t5(),
        tokenizer_3=t,
    )


def flux(folder: Path) -> Any:
    torch.manual_seed(4)
    inner = FluxTransformer2DModel(
        patch_size=1,
        in_channels=4,
        num_layers=1,
        num_single_layers=1,
        attention_head_dim=16,
        num_attention_heads=2,
        joint_attention_dim=32,
        pooled_projection_dim=32,
        axes_dims_rope=[4, 4, 8],
    )
    return FluxPipeline(
        scheduler=FlowMatchEulerDiscreteScheduler(),
        vae=vae(1, True),
        text_encoder=clip_text(),
        tokenizer=clip_tokenizer(folder),
        text_encoder_2=t5(),
        tokenizer_2=word_tokenizer(),
        transformer=inner.eval(),
    )


def pixart(folder: Path) -> Any:
    torch.manual_seed(4)
    inner = PixArtTransformer2DModel(
        sample_size=8,
        num_layers=2,
        patch_size=2,
        attention_head_dim=8,
        num_attention_heads=3,
        caption_channels=32,
        in_channels=4,
        cross_attention_dim=24,
        out_channels=8,
        attention_bias=True,
        activation_fn="gelu-approximate",
        num_embeds_ada_norm=1000,
        norm_type="ada_norm_single",
        norm_elementwise_affine=False,
        norm_eps=1e-6,
    )
    return PixArtSigmaPipeline(
        tokenizer=word_tokenizer(),
        text_encoder=t5(),
        vae=vae(),
        transformer=inner.eval(),
        scheduler=EulerDiscreteScheduler(),
    )


def aura(folder: Path) -> Any:
    torch.manual_seed(4)
    inner = AuraFlowTransformer2DModel(
        sample_size=32,
        patch_size=2,
        in_channels=4,
        num_mmdit_layers=1,
        num_single_dit_layers=1,
        attention_head_dim=8,
        num_attention_heads=4,
        joint_attention_dim=32,
        caption_projection_dim=32,
        pos_embed_max_size=256,
        out_channels=4,
    )
    return AuraFlowPipeline(
        tokenizer=word_tokenizer(),
        text_encoder=t5(UMT5EncoderModel),
        vae=vae(),
        transformer=inner.eval(),
        scheduler=FlowMatchEulerDiscreteScheduler(),
    )


def sana(folder: Path) -> Any:
    torch.manual_seed(4)
    inner = SanaTransformer2DModel(
        patch_size=1,
        in_channels=4,
        out_channels=4,
        num_layers=1,
        num_attention_heads=2,
        attention_head_dim=4,
        num_cross_attention_heads=2,
        cross_attention_head_dim=4,
        cross_attention_dim=8,
        caption_channels=8,
        sample_size=32,
    )
    coder = AutoencoderDC(
        in_channels=3,
        latent_channels=4,
        attention_head_dim=2,
        encoder_block_types=("ResBlock", "EfficientViTBlock"),
        decoder_block_types=("ResBlock", "EfficientViTBlock"),
        encoder_block_out_channels=(8, 8),
        decoder_block_out_channels=(8, 8),
        encoder_qkv_multiscales=((), (5,)),
        decoder_qkv_multiscales=((), (5,)),
        encoder_layers_per_block=(1, 1),
        decoder_layers_per_block=[1, 1],
        downsample_block_type="conv",
        upsample_block_type="interpolate",
        decoder_norm_types="rms_norm",
        decoder_act_fns="silu",
        scaling_factor=0.41407,
    )
    return SanaPipeline(
        tokenizer=word_tokenizer(),
        text_encoder=gemma(),
        vae=coder.eval(),
        transformer=inner.eval(),
        scheduler=FlowMatchEulerDiscreteScheduler(),
    )


def lumina(folder: Path) -> Any:
    torch.manual_seed(4)
    inner = Lumina2Transformer2DModel(
        sample_size=4,
        patch_size=2,
        in_channels=4,
        hidden_size=8,
        num_layers=2,
        num_attention_heads=1,
        num_kv_heads=1,
        multiple_of=16,
        ffn_dim_multiplier=None,
        norm_eps=1e-5,
        scaling_factor=1.0,
        axes_dim_rope=[4, 2, 2],
        cap_feat_dim=8,
    )
    return Lumina2Pipeline(
        tokenizer=word_tokenizer(),
        text_encoder=gemma(),
        vae=vae(4, True),
        transformer=inner.eval(),
        scheduler=FlowMatchEulerDiscreteScheduler(),
    )


FAMILIES: dict[str, Callable[[Path], Any]] = {
    "sd": sd,
    "sdxl": sdxl,
    "sd3": sd3,
    "flux": flux,
    "pixart": pixart,
    "aura": aura,
    "sana": sana,
    "lumina": lumina,
    "qwen": qwen,
    "zimage": zimage,
}
