"""Tiny text encoders with random weights, and tokenizers made here, offline."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors
from transformers import (
    CLIPTextConfig,
    CLIPTextModel,
    CLIPTextModelWithProjection,
    CLIPTokenizer,
    Gemma2Config,
    Gemma2Model,
    PreTrainedTokenizerFast,
    T5Config,
    T5EncoderModel,
    UMT5Config,
)

_CHARS = "abcdefghijklmnopqrstuvwxyz0123456789 .,-'!?:"


def clip_tokenizer(folder: Path) -> CLIPTokenizer:
    """Letters alone: enough for any prompt."""
    folder.mkdir(parents=True, exist_ok=True)
    tokens = ["<|startoftext|>", "<|endoftext|>", *_CHARS, *(c + "</w>" for c in _CHARS)]
    vocab = {t: i for i, t in enumerate(dict.fromkeys(tokens))}
    (folder / "vocab.json").write_text(json.dumps(vocab))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    return CLIPTokenizer(str(folder / "vocab.json"), str(folder / "merges.txt"), model_max_length=77)


def word_tokenizer() -> Any:
    """Bytes, with an end token, as T5, Gemma and Qwen have theirs."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    special = ["<pad>", "<eos>", "<unk>", "<bos>"]
    vocab = {t: i for i, t in enumerate([*special, *alphabet])}
    inner = Tokenizer(models.BPE(vocab=vocab, merges=[], unk_token="<unk>"))
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    inner.decoder = decoders.ByteLevel()
    inner.post_processor = processors.TemplateProcessing(single="$A <eos>", special_tokens=[("<eos>", 1)])
    template = "{% for m in messages %}{{ m['content'] }}{% endfor %}"
    return PreTrainedTokenizerFast(
        tokenizer_object=inner,
        pad_token="<pad>",
        eos_token="<eos>",
        unk_token="<unk>",
        bos_token="<bos>",
        model_max_length=512,
        chat_template=template,
    )


def clip_text(width: int = 32, projection: bool = False, seed: int = 0) -> Any:
    torch.manual_seed(seed)
    config = CLIPTextConfig(
        bos_token_id=0,
        eos_token_id=1,
        pad_token_id=1,
        hidden_size=width,
        intermediate_size=37,
        num_attention_heads=4,
        num_hidden_layers=3,
        vocab_size=1000,
        projection_dim=width,
        hidden_act="gelu",
    )
    return (CLIPTextModelWithProjection if projection else CLIPTextModel)(config).eval()


def t5(kind: Any = T5EncoderModel, width: int = 32) -> Any:
    torch.manual_seed(1)
    return kind(
        T5Config(
            vocab_size=400,
            d_model=width,
            d_kv=8,
            d_ff=37,
            num_layers=2,
            num_heads=4,
            is_encoder_decoder=False,
            pad_token_id=0,
        )
        if kind is T5EncoderModel
        else _umt5(width)
    ).eval()


def _umt5(width: int) -> Any:
    return UMT5Config(
        vocab_size=400,
        d_model=width,
        d_kv=8,
        d_ff=37,
        num_layers=2,
        num_heads=4,
        is_encoder_decoder=False,
        pad_token_id=0,
    )


def gemma() -> Any:
    torch.manual_seed(1)
    return Gemma2Model(
        Gemma2Config(
            vocab_size=400,
            hidden_size=8,
            intermediate_size=16,
            num_attention_heads=2,
            num_key_value_heads=1,
            num_hidden_layers=2,
            head_dim=4,
            pad_token_id=0,
            eos_token_id=1,
            bos_token_id=3,
        )
    ).eval()
