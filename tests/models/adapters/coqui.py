"""coqui-tts voices at tiny sizes with random weights, as users find them: config.json beside a checkpoint."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch

from .pipelines import word_tokenizer


def save(model: Any, config: Any, folder: Path, safe: bool = False) -> Path:
    """config.json, and model.pth or model.safetensors."""
    folder.mkdir(parents=True, exist_ok=True)
    config.save_json(str(folder / "config.json"))
    state = {k: v.contiguous() for k, v in model.state_dict().items()}
    if safe:
        from safetensors.torch import save_file

        save_file({k: v.clone() for k, v in state.items()}, str(folder / "model.safetensors"))
    else:
        torch.save({"model": state, "config": config.to_dict()}, folder / "model.pth")
    return folder


def _small(**more: Any) -> dict[str, Any]:
    return {
        "hidden_channels": 16, "hidden_channels_ffn_text_encoder": 16, "num_heads_text_encoder": 2, "num_layers_text_encoder": 1,
        "num_layers_posterior_encoder": 1, "num_layers_flow": 1, "resblock_kernel_sizes_decoder": [3],
        "resblock_dilation_sizes_decoder": [[1, 3, 5]], "upsample_rates_decoder": [8, 8, 4],
        "upsample_kernel_sizes_decoder": [16, 16, 8], "upsample_initial_channel_decoder": 16, "init_discriminator": False, **more,
    }  # fmt: skip


def vits(folder: Path, safe: bool = False) -> Path:
    from TTS.tts.configs.vits_config import VitsConfig
    from TTS.tts.models.vits import Vits, VitsArgs

    torch.manual_seed(0)
    config = VitsConfig(model_args=VitsArgs(**_small()), run_eval=False, text_cleaner="basic_cleaners")
    model = Vits(config)
    return save(model, model.config, folder, safe)


def yourtts(folder: Path) -> Path:
    """VITS with d-vectors of a speaker encoder, two languages; the configuration names files of another machine."""
    from TTS.encoder.configs.speaker_encoder_config import SpeakerEncoderConfig
    from TTS.encoder.utils.generic_utils import setup_encoder_model
    from TTS.tts.configs.vits_config import VitsConfig
    from TTS.tts.models.vits import Vits, VitsArgs

    torch.manual_seed(1)
    folder.mkdir(parents=True)
    encoder = SpeakerEncoderConfig(
        num_loader_workers=0,
        num_classes_in_batch=2,
        num_utter_per_class=2,
        model_params={"model_name": "lstm", "input_dim": 80, "proj_dim": 16, "lstm_dim": 16, "num_lstm_layers": 1},
    )
    encoder.save_json(str(folder / "config_se.json"))
    torch.save({"model": setup_encoder_model(encoder).state_dict()}, folder / "model_se.pth")
    (folder / "language_ids.json").write_text(json.dumps({"en": 0, "pt-br": 1}))
    rows = {f"{n}_{i}.wav": {"name": n, "embedding": torch.randn(16).tolist()} for n in ("ana", "bob") for i in (0, 1)}
    (folder / "speakers.json").write_text(json.dumps(rows))
    args = VitsArgs(
        **_small(
            use_d_vector_file=True, d_vector_file=[str(folder / "speakers.json")], d_vector_dim=16, use_language_embedding=True,
            embedded_language_dim=4, language_ids_file=str(folder / "language_ids.json"),
        )
    )  # fmt: skip
    config = VitsConfig(model_args=args, run_eval=False, text_cleaner="multilingual_cleaners")
    model = Vits(config)
    save(model, model.config, folder)
    content = json.loads((folder / "config.json").read_text())
    content["model_args"]["d_vector_file"] = ["/elsewhere/speakers.json"]
    content["model_args"]["language_ids_file"] = "/elsewhere/language_ids.json"
    (folder / "config.json").write_text(json.dumps(content))
    return folder


def xtts(folder: Path, safe: bool = False) -> Path:
    from TTS.tts.configs.xtts_config import XttsArgs, XttsConfig
    from TTS.tts.layers.xtts.tokenizer import VoiceBpeTokenizer
    from TTS.tts.models.xtts import Xtts

    torch.manual_seed(2)
    folder.mkdir(parents=True)
    words = word_tokenizer()
    words.add_special_tokens({"additional_special_tokens": ["[START]", "[STOP]", "[SPACE]", "[en]", "[de]"]})
    words.backend_tokenizer.save(str(folder / "vocab.json"))
    args = XttsArgs(
        gpt_layers=1, gpt_n_model_channels=32, gpt_n_heads=2, gpt_max_audio_tokens=24, gpt_max_text_tokens=120,
        gpt_max_prompt_tokens=20, gpt_num_audio_tokens=40, gpt_start_audio_token=38, gpt_stop_audio_token=39,
        gpt_use_perceiver_resampler=True, decoder_input_dim=32, kv_cache=True,
    )  # fmt: skip
    config = XttsConfig(model_args=args, languages=["en", "de"])
    model = Xtts(config)
    model.tokenizer = VoiceBpeTokenizer(vocab_file=str(folder / "vocab.json"))
    model.init_models()
    return save(model, config, folder, safe)
