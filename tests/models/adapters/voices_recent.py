"""Tiny voices whose trunk is a language model and whose sound comes of codes or diffused latents: Higgs Audio v2 and VibeVoice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from .encoders import word_tokenizer

_HIGGS_CHAT = (
    "{% for m in messages %}<{{ m['role'] }}>{% for c in m['content'] %}{% if c['type'] == 'text' %}{{ c['text'] }}"
    "{% elif c['type'] == 'audio' %}<|audio_out_bos|><|AUDIO_OUT|><|audio_eos|>{% endif %}{% endfor %}{% endfor %}"
    "{% if add_generation_prompt %}<assistant><|audio_out_bos|>{% endif %}"
)
_VIBE_CHAT = (
    "Voice input:{% for m in messages %}{% for c in m['content'] %}{% if c['type'] == 'audio' %}{{ m['role'] }}:"
    "<|vision_start|><|vision_pad|><|vision_end|>{% endif %}{% endfor %}{% endfor %}Text input:{% for m in messages %}"
    "{% for c in m['content'] %}{% if c['type'] == 'text' %}{{ m['role'] }}: {{ c['text'] }}{% endif %}{% endfor %}{% endfor %}"
    "Speech output:<|vision_start|>"
)


def higgs(d: Path) -> dict[str, Any]:
    from transformers import (
        DacConfig,
        DacFeatureExtractor,
        HiggsAudioV2Config,
        HiggsAudioV2ForConditionalGeneration,
        HiggsAudioV2Processor,
        HiggsAudioV2TokenizerConfig,
        HiggsAudioV2TokenizerModel,
        HubertConfig,
    )

    torch.manual_seed(0)
    tokenizer = word_tokenizer()
    tokenizer.backend_tokenizer.post_processor = None  # the prompt ends where sound begins
    own = ["<|AUDIO_OUT|>", "<|audio_out_bos|>", "<|audio_eos|>", "<|reserved_special_token_6|>"]
    tokenizer.add_special_tokens({"additional_special_tokens": own})
    audio, bos, _, delay = tokenizer.convert_tokens_to_ids(own)
    codes = 62
    codec = HiggsAudioV2TokenizerConfig(
        acoustic_model_config=DacConfig(
            encoder_hidden_size=4, downsampling_ratios=[8, 5, 4, 6], decoder_hidden_size=16, upsampling_ratios=[8, 5, 4, 6],
            hidden_size=8,
        ).to_dict(),
        semantic_model_config=HubertConfig(
            hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=8, conv_dim=(8,) * 7,
            num_conv_pos_embeddings=4, num_conv_pos_embedding_groups=2, mask_time_prob=0.0,
        ).to_dict(),
        codebook_size=codes, codebook_dim=8, target_bandwidths=[0.3, 0.6],
    )  # fmt: skip
    books = codec.num_quantizers
    config = HiggsAudioV2Config(
        vocab_size=len(tokenizer), hidden_size=16, intermediate_size=16, num_hidden_layers=2, num_attention_heads=2,
        num_key_value_heads=1, head_dim=8, pad_token_id=0, bos_token_id=3, eos_token_id=1, num_codebooks=books,
        codebook_size=codes + 2, audio_token_id=audio, audio_bos_token_id=bos, audio_delay_token_id=delay,
        audio_stream_bos_id=codes, audio_stream_eos_id=codes + 1, initializer_range=0.5,
    )  # fmt: skip
    HiggsAudioV2ForConditionalGeneration(config).eval().save_pretrained(d / "m")
    HiggsAudioV2TokenizerModel(codec).eval().save_pretrained(d / "codec")
    HiggsAudioV2Processor(
        DacFeatureExtractor(sampling_rate=24_000, hop_length=codec.hop_length), tokenizer,
        HiggsAudioV2TokenizerModel.from_pretrained(d / "codec"), chat_template=_HIGGS_CHAT, audio_stream_bos_id=codes,
        audio_stream_eos_id=codes + 1,
    ).save_pretrained(d / "m")  # fmt: skip
    return {"call": {"max_new_tokens": 12}}


def vibevoice(d: Path) -> dict[str, Any]:
    from transformers import (
        VibeVoiceAcousticTokenizerFeatureExtractor,
        VibeVoiceConfig,
        VibeVoiceForConditionalGeneration,
        VibeVoiceProcessor,
    )

    torch.manual_seed(0)
    tokenizer = word_tokenizer()
    own = ["<|vision_start|>", "<|vision_end|>", "<|vision_pad|>"]
    tokenizer.add_special_tokens({"additional_special_tokens": own})
    start, end, pad = tokenizer.convert_tokens_to_ids(own)
    ratios = [8, 5, 10, 8]
    sound = {
        "num_filters": 2,
        "downsampling_ratios": ratios,
        "depths": [1] * (len(ratios) + 1),
        "kernel_size": 3,
        "layer_scale_init_value": 0.5,
        "initializer_range": 0.3,
    }
    config = VibeVoiceConfig(
        text_config={
            "model_type": "qwen2", "vocab_size": len(tokenizer), "hidden_size": 16, "intermediate_size": 16,
            "num_hidden_layers": 2, "num_attention_heads": 2, "num_key_value_heads": 1, "pad_token_id": 0, "eos_token_id": 1,
            "initializer_range": 0.2,
        },
        audio_config={"model_type": "vibevoice_acoustic_tokenizer", "hidden_size": 8, **sound},
        semantic_model_config={"model_type": "vibevoice_acoustic_tokenizer_encoder", "hidden_size": 8, **sound},
        diffusion_head_config={"num_hidden_layers": 1, "intermediate_size": 16, "frequency_embedding_size": 8},
        pad_token_id=0, eos_token_id=1, audio_bos_token_id=start, audio_eos_token_id=end, audio_token_id=pad,
    )  # fmt: skip
    model = VibeVoiceForConditionalGeneration(config).eval()
    with torch.no_grad():
        model.model.audio_tower.decoder.head.conv.weight.mul_(0.002)  # within -1 to 1
        for weight in model.model.diffusion_head.parameters():
            weight.mul_(4 if weight.ndim > 1 else 1)  # so that what the trunk says is heard
    model.generation_config.suppress_tokens = [start, end, 1]  # random weights would end at once
    model.save_pretrained(d / "m")
    VibeVoiceProcessor(
        VibeVoiceAcousticTokenizerFeatureExtractor(pad_to_multiple_of=3200), tokenizer, chat_template=_VIBE_CHAT
    ).save_pretrained(d / "m")
    return {"call": {"max_new_tokens": 3, "num_diffusion_steps": 2}}
