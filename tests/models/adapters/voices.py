"""Real transformers voices at tiny sizes with random weights, saved as users find them; processors made here, offline.

Each builder writes a model into folder / "m" and returns what to load and call it with.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from .encoders import word_tokenizer
from .voices_recent import higgs, vibevoice

_CSM_CHAT = (
    "{% for m in messages %}[{{ m['role'] }}]{% for c in m['content'] %}{% if c['type'] == 'text' %}{{ c['text'] }}"
    "{% elif c['type'] == 'audio' %}<|AUDIO|><|audio_eos|>{% endif %}{% endfor %}{% endfor %}"
)
_POCKET_CHAT = (
    "{% for m in messages %}{% for c in m['content'] %}{% if c['type'] == 'audio' %}<apb><ap>"
    "{% elif c['type'] == 'text' %}{{ c['text'] }}{% endif %}{% endfor %}{% endfor %}<ab>"
)


def spoken_clip(path: Path) -> Path:
    """A reference to clone: the embedded German voice."""
    from genstudio import Emotion, registry
    from genstudio.media.audio import write_audio

    text = "Wir kommen morgen früh mit dem Zug in die Stadt."
    spoken = registry.load("speech:embedded")(text, Emotion.neutral(), voice="kerstin", seed=2)
    write_audio(path, spoken.samples, spoken.rate)
    return path


def labelled(folder: Path, seconds: float = 0.6) -> Path:
    """A folder named as EmoDB is: two speakers' tones, whose pitch and loudness go with the emotion."""
    import numpy as np

    from genstudio.media.audio import write_audio

    folder.mkdir(parents=True)
    t = np.arange(int(seconds * 24_000)) / 24_000
    rng = np.random.default_rng(0)
    for who, base in (("03", 110.0), ("08", 210.0), ("11", 140.0)):
        for code, rise, loud in (
            ("N", 1.0, 0.2), ("W", 1.6, 0.6), ("F", 1.7, 0.5), ("A", 1.4, 0.3), ("T", 0.8, 0.1), ("E", 1.1, 0.2)
        ):  # fmt: skip
            f0 = base * rise * (1 + 0.03 * np.sin(2 * np.pi * 5 * t + rng.uniform(0, 6)))
            phase = 2 * np.pi * np.cumsum(f0) / 24_000
            x = loud * sum(np.sin(k * phase) / k for k in range(1, 9)) * np.hanning(len(t)) / 2
            write_audio(folder / f"{who}a01{code}a.wav", x.astype(np.float32), 24_000)
    return folder


def xvector(d: Path, width: int = 16) -> Path:
    """A speaker encoder, as SpeechT5 is used with."""
    from transformers import Wav2Vec2Config, Wav2Vec2FeatureExtractor, Wav2Vec2ForXVector

    torch.manual_seed(4)
    c = Wav2Vec2Config(
        hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16, conv_dim=(8, 8), conv_kernel=(10, 8),
        conv_stride=(5, 4), num_conv_pos_embeddings=16, num_conv_pos_embedding_groups=2, tdnn_dim=(16, 16), tdnn_kernel=(5, 1),
        tdnn_dilation=(1, 1), xvector_output_dim=width, num_feat_extract_layers=2,
    )  # fmt: skip
    Wav2Vec2ForXVector(c).eval().save_pretrained(d)
    Wav2Vec2FeatureExtractor().save_pretrained(d)
    return d


def vits(d: Path) -> dict[str, Any]:
    from transformers import VitsConfig, VitsModel, VitsTokenizer

    vocab = {c: i for i, c in enumerate("_ abcdefghijklmnopqrstuvwxyz'-<")}
    (d / "v.json").write_text(json.dumps(vocab))
    t = VitsTokenizer(
        str(d / "v.json"), language="eng", add_blank=True, normalize=True, phonemize=False, pad_token="_", unk_token="<"
    )
    torch.manual_seed(0)
    c = VitsConfig(
        vocab_size=len(vocab),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        window_size=2,
        ffn_dim=16,
        flow_size=8,
        spectrogram_bins=9,
        upsample_initial_channel=16,
        upsample_rates=[8, 8],
        upsample_kernel_sizes=[16, 16],
        resblock_kernel_sizes=[3],
        resblock_dilation_sizes=[[1, 3]],
        prior_encoder_num_flows=1,
        prior_encoder_num_wavenet_layers=1,
        posterior_encoder_num_wavenet_layers=1,
        wavenet_dilation_rate=1,
        duration_predictor_num_flows=1,
        duration_predictor_filter_channels=8,
        depth_separable_num_layers=1,
        sampling_rate=16000,
        speaking_rate=0.1,
    )
    VitsModel(c).eval().save_pretrained(d / "m")
    t.save_pretrained(d / "m")
    return {}


def speecht5(d: Path) -> dict[str, Any]:
    from transformers import SpeechT5Config, SpeechT5ForTextToSpeech, SpeechT5HifiGan, SpeechT5HifiGanConfig

    torch.manual_seed(0)
    c = SpeechT5Config(
        vocab_size=400,
        hidden_size=24,
        encoder_layers=1,
        encoder_attention_heads=2,
        encoder_ffn_dim=16,
        decoder_layers=1,
        decoder_attention_heads=2,
        decoder_ffn_dim=16,
        num_mel_bins=20,
        speech_decoder_prenet_units=16,
        speaker_embedding_dim=16,
        speech_decoder_postnet_units=16,
        speech_decoder_postnet_layers=1,
        max_text_positions=200,
        max_speech_positions=400,
        reduction_factor=2,
    )
    SpeechT5ForTextToSpeech(c).eval().save_pretrained(d / "m")
    word_tokenizer().save_pretrained(d / "m")
    SpeechT5HifiGan(
        SpeechT5HifiGanConfig(
            model_in_dim=20,
            upsample_initial_channel=16,
            upsample_rates=[8, 8],
            upsample_kernel_sizes=[16, 16],
            resblock_kernel_sizes=[3],
            resblock_dilation_sizes=[[1, 3]],
        )
    ).save_pretrained(d / "v")
    return {"load": {"vocoder": str(d / "v")}, "call": {"speaker_embeddings": torch.zeros(1, 16)}}


def bark(d: Path) -> dict[str, Any]:
    from transformers import (
        BarkCoarseConfig,
        BarkConfig,
        BarkFineConfig,
        BarkModel,
        BarkProcessor,
        BarkSemanticConfig,
        EncodecConfig,
    )

    torch.manual_seed(0)
    k = {"block_size": 256, "num_layers": 1, "num_heads": 2, "hidden_size": 16, "bias": True}
    sem = BarkSemanticConfig(input_vocab_size=10400, output_vocab_size=10100, **k)
    coa = BarkCoarseConfig(input_vocab_size=12096, output_vocab_size=12096, **k)
    fin = BarkFineConfig(input_vocab_size=1056, output_vocab_size=1056, n_codes_total=8, n_codes_given=1, **k)
    enc = EncodecConfig(
        hidden_size=8,
        num_filters=4,
        num_residual_layers=1,
        upsampling_ratios=[8, 5, 4, 2],
        codebook_size=1024,
        codebook_dim=8,
    )
    m = BarkModel(
        BarkConfig(
            semantic_config=sem.to_dict(),
            coarse_acoustics_config=coa.to_dict(),
            fine_acoustics_config=fin.to_dict(),
            codec_config=enc.to_dict(),
        )
    ).eval()
    from transformers.models.bark.generation_configuration_bark import (
        BarkCoarseGenerationConfig,
        BarkFineGenerationConfig,
        BarkGenerationConfig,
        BarkSemanticGenerationConfig,
    )

    m.generation_config = BarkGenerationConfig(
        semantic_config=BarkSemanticGenerationConfig(
            max_new_tokens=8,
            max_input_semantic_length=32,
            text_encoding_offset=500,
            text_pad_token=9999,
            semantic_infer_token=10200,
            semantic_vocab_size=10000,
            eos_token_id=10000,
        ).to_dict(),
        coarse_acoustics_config=BarkCoarseGenerationConfig(
            max_coarse_input_length=32, max_coarse_history=32, sliding_window_len=8
        ).to_dict(),
        fine_acoustics_config=BarkFineGenerationConfig(max_fine_history_length=32, max_fine_input_length=64).to_dict(),
        sample_rate=24000,
    )
    from transformers import GenerationConfig

    gc = m.generation_config
    m.generation_config = GenerationConfig()
    m.save_pretrained(d / "m")
    (d / "m" / "generation_config.json").write_text(json.dumps(gc.to_dict()))
    BarkProcessor(word_tokenizer()).save_pretrained(d / "m")
    return {}


def dia(d: Path) -> dict[str, Any]:
    from transformers import (
        DacConfig,
        DacModel,
        DiaConfig,
        DiaDecoderConfig,
        DiaEncoderConfig,
        DiaFeatureExtractor,
        DiaForConditionalGeneration,
        DiaProcessor,
        DiaTokenizer,
    )

    torch.manual_seed(0)
    c = DiaConfig(
        encoder_config=DiaEncoderConfig(
            num_hidden_layers=1,
            hidden_size=16,
            num_attention_heads=2,
            num_key_value_heads=2,
            head_dim=8,
            intermediate_size=16,
        ),
        decoder_config=DiaDecoderConfig(
            num_hidden_layers=1,
            hidden_size=16,
            num_attention_heads=2,
            num_key_value_heads=2,
            head_dim=8,
            cross_hidden_size=16,
            cross_num_attention_heads=2,
            cross_num_key_value_heads=2,
            cross_head_dim=8,
            intermediate_size=16,
            num_channels=9,
            vocab_size=1028,
        ),
        eos_token_id=1024,
        pad_token_id=1025,
        bos_token_id=1026,
        delay_pattern=[0, 8, 9, 10, 11, 12, 13, 14, 15],
    )
    m = DiaForConditionalGeneration(c).eval()
    m.save_pretrained(d / "m")
    dac = DacModel(
        DacConfig(
            encoder_hidden_size=8,
            downsampling_ratios=[2, 4, 8, 8],
            decoder_hidden_size=32,
            upsampling_ratios=[8, 8, 4, 2],
            n_codebooks=9,
            codebook_size=1024,
            codebook_dim=4,
            hidden_size=16,
        )
    ).eval()
    dac.save_pretrained(d / "dac")
    DiaProcessor(DiaFeatureExtractor(), DiaTokenizer(), DacModel.from_pretrained(d / "dac")).save_pretrained(d / "m")
    return {"call": {"max_new_tokens": 24}}


def csm(d: Path) -> dict[str, Any]:
    from transformers import (
        CsmConfig,
        CsmDepthDecoderConfig,
        CsmForConditionalGeneration,
        CsmProcessor,
        EncodecFeatureExtractor,
        MimiConfig,
    )

    torch.manual_seed(0)
    dd = CsmDepthDecoderConfig(
        num_codebooks=4,
        vocab_size=64,
        backbone_hidden_size=16,
        hidden_size=16,
        intermediate_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        num_key_value_heads=1,
        max_position_embeddings=4,
        head_dim=8,
    )
    cc = MimiConfig(
        hidden_size=16,
        num_filters=4,
        num_residual_layers=1,
        upsampling_ratios=[8, 6, 5, 4],
        codebook_size=64,
        codebook_dim=8,
        vector_quantization_hidden_dimension=8,
        num_quantizers=4,
        num_semantic_quantizers=1,
        num_hidden_layers=1,
        num_attention_heads=2,
        num_key_value_heads=2,
        head_dim=8,
        intermediate_size=16,
        upsample_groups=16,
        frame_rate=12.5,
        sampling_rate=24000,
    )
    c = CsmConfig(
        num_codebooks=4,
        vocab_size=64,
        text_vocab_size=440,
        hidden_size=16,
        intermediate_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        num_key_value_heads=1,
        head_dim=8,
        codec_config=cc.to_dict(),
        depth_decoder_config=dd.to_dict(),
        bos_token_id=3,
        pad_token_id=0,
        codebook_pad_token_id=63,
        codebook_eos_token_id=0,
        audio_token_id=260,
        audio_eos_token_id=261,
    )
    CsmForConditionalGeneration(c).eval().save_pretrained(d / "m")
    t = word_tokenizer()
    t.add_special_tokens({"additional_special_tokens": ["<|AUDIO|>", "<|audio_eos|>"]})
    CsmProcessor(
        EncodecFeatureExtractor(sampling_rate=24000),
        t,
        chat_template=_CSM_CHAT,
    ).save_pretrained(d / "m")
    return {"call": {"max_new_tokens": 8}}


def pocket(d: Path) -> dict[str, Any]:
    from transformers import (
        PocketTTSAudioTokenizerConfig,
        PocketTTSAudioTokenizerModel,
        PocketTTSConfig,
        PocketTTSFeatureExtractor,
        PocketTTSForConditionalGeneration,
        PocketTTSProcessor,
    )

    torch.manual_seed(0)
    t = word_tokenizer()
    t.backend_tokenizer.post_processor = None
    t = type(t)(
        tokenizer_object=t.backend_tokenizer,
        pad_token="<pad>",
        eos_token="<eos>",
        unk_token="<unk>",
        bos_token="<bos>",
        extra_special_tokens={
            "audio_prompt_token": "<ap>",
            "audio_latent_token": "<al>",
            "audio_bos_token": "<ab>",
            "audio_prompt_bos_token": "<apb>",
        },
    )
    ids = {
        k: t.convert_tokens_to_ids(getattr(t, k))
        for k in ("audio_prompt_token", "audio_latent_token", "audio_bos_token", "audio_prompt_bos_token")
    }
    c = PocketTTSConfig(
        vocab_size=400,
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        latent_dim=8,
        pad_token_id=0,
        flow_head_config={
            "hidden_size": 16,
            "num_hidden_layers": 1,
            "latent_dim": 8,
            "condition_dim": 16,
            "frequency_embedding_size": 8,
        },
        audio_prompt_token_id=ids["audio_prompt_token"],
        audio_latent_token_id=ids["audio_latent_token"],
        audio_prompt_bos_token_id=ids["audio_prompt_bos_token"],
        audio_bos_token_id=ids["audio_bos_token"],
    )
    PocketTTSForConditionalGeneration(c).eval().save_pretrained(d / "m")
    at = PocketTTSAudioTokenizerModel(
        PocketTTSAudioTokenizerConfig(
            hidden_size=16,
            num_attention_heads=2,
            num_key_value_heads=2,
            head_dim=8,
            intermediate_size=16,
            num_filters=4,
            latent_dim=8,
            num_hidden_layers=1,
            upsample_groups=16,
        )
    ).eval()
    at.save_pretrained(d / "at")
    tpl = _POCKET_CHAT
    PocketTTSProcessor(
        PocketTTSFeatureExtractor(),
        t,
        audio_tokenizer=PocketTTSAudioTokenizerModel.from_pretrained(d / "at"),
        chat_template=tpl,
    ).save_pretrained(d / "m")
    return {"call": {"max_new_tokens": 6}}


VOICES: dict[str, Callable[[Path], dict[str, Any]]] = {
    "vits": vits,
    "speecht5": speecht5,
    "bark": bark,
    "dia": dia,
    "csm": csm,
    "pocket": pocket,
    "vibevoice": vibevoice,
    "higgs": higgs,  # its codec needs torchaudio
}
