"""Real transformers classes at tiny sizes with random weights, saved as their authors would."""

from __future__ import annotations

import json
import string
from pathlib import Path

import torch
import transformers as t

SPEECH = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16, "conv_dim": (8, 8),
          "conv_kernel": (10, 8), "conv_stride": (10, 8), "num_feat_extract_layers": 2, "num_conv_pos_embeddings": 8,
          "num_conv_pos_embedding_groups": 2, "classifier_proj_size": 8}  # fmt: skip
SEVEN = ("angry", "disgust", "fear", "happy", "neutral", "sad", "surprise")


def named(labels) -> dict:
    return {
        "num_labels": len(labels),
        "id2label": dict(enumerate(labels)),
        "label2id": {n: i for i, n in enumerate(labels)},
    }


def saved(folder: Path, model, *processors) -> Path:
    model.save_pretrained(folder)
    for p in processors:
        p.save_pretrained(folder)
    return folder


def extractor(rate: int = 16_000):
    return t.Wav2Vec2FeatureExtractor(sampling_rate=rate, return_attention_mask=False)


def speech(folder: Path, kind: str = "Wav2Vec2", labels=("ang", "hap", "neu", "sad")) -> Path:
    torch.manual_seed(0)
    config = getattr(t, f"{kind}Config")(**SPEECH, **named(labels))
    return saved(folder, getattr(t, f"{kind}ForSequenceClassification")(config), extractor())


def dimensional(folder: Path, labels=("arousal", "dominance", "valence"), bias=(0.9, 0.5, 0.1)) -> Path:
    """The layout of audEERING's published checkpoint: its keys, its configuration, its class name."""
    from genstudio.evaluators.pretrained.head import Wav2Vec2ForSpeechClassification

    torch.manual_seed(0)
    model = Wav2Vec2ForSpeechClassification(t.Wav2Vec2Config(**SPEECH, **named(labels)))
    with torch.no_grad():
        model.classifier.out_proj.weight.mul_(0.01)
        model.classifier.out_proj.bias.copy_(torch.tensor(bias))
    saved(folder, model, extractor())
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"architectures": ["Wav2Vec2ForSpeechClassification"]}))
    return folder


def xvector(folder: Path) -> Path:
    torch.manual_seed(0)
    config = t.WavLMConfig(**SPEECH, xvector_output_dim=12, tdnn_dim=(16, 16), tdnn_kernel=(3, 3), tdnn_dilation=(1, 1))
    return saved(folder, t.WavLMForXVector(config), extractor())


def ctc(folder: Path) -> Path:
    torch.manual_seed(0)
    vocabulary = {c: i for i, c in enumerate(["<pad>", "<s>", "</s>", "<unk>", "|", *string.ascii_uppercase])}
    folder.mkdir(parents=True)
    (folder / "vocab.json").write_text(json.dumps(vocabulary))
    tokenizer = t.Wav2Vec2CTCTokenizer(str(folder / "vocab.json"))
    config = t.Wav2Vec2Config(**SPEECH, vocab_size=len(vocabulary))
    return saved(folder, t.Wav2Vec2ForCTC(config), t.Wav2Vec2Processor(extractor(), tokenizer))


def whisper(folder: Path) -> Path:
    torch.manual_seed(0)
    folder.mkdir(parents=True)
    characters = [chr(i) for i in (*range(33, 127), *range(161, 173), *range(174, 256))] + [
        chr(256 + i) for i in range(68)
    ]
    vocabulary = {c: i for i, c in enumerate(characters)}
    special = ["<|endoftext|>", "<|startoftranscript|>", "<|en|>", "<|de|>", "<|translate|>", "<|transcribe|>",
               "<|startoflm|>", "<|startofprev|>", "<|nospeech|>", "<|notimestamps|>"]  # fmt: skip
    (folder / "vocab.json").write_text(json.dumps(vocabulary))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    tokenizer = t.WhisperTokenizer(str(folder / "vocab.json"), str(folder / "merges.txt"))
    tokenizer.add_special_tokens({"additional_special_tokens": special})
    ids = {s: tokenizer.convert_tokens_to_ids(s) for s in special}
    config = t.WhisperConfig(
        vocab_size=len(tokenizer), d_model=16, encoder_layers=1, decoder_layers=1, encoder_attention_heads=2,
        decoder_attention_heads=2, encoder_ffn_dim=16, decoder_ffn_dim=16, num_mel_bands=80, max_target_positions=64,
        decoder_start_token_id=ids["<|startoftranscript|>"], eos_token_id=ids["<|endoftext|>"],
        pad_token_id=ids["<|endoftext|>"], bos_token_id=ids["<|endoftext|>"],
    )  # fmt: skip
    model = t.WhisperForConditionalGeneration(config)
    settings = {
        "lang_to_id": {"<|en|>": ids["<|en|>"], "<|de|>": ids["<|de|>"]}, "is_multilingual": True, "max_length": 24,
        "task_to_id": {"transcribe": ids["<|transcribe|>"], "translate": ids["<|translate|>"]},
        "no_timestamps_token_id": ids["<|notimestamps|>"], "decoder_start_token_id": ids["<|startoftranscript|>"],
        "eos_token_id": ids["<|endoftext|>"], "pad_token_id": ids["<|endoftext|>"],
    }  # fmt: skip
    for key, value in settings.items():
        setattr(model.generation_config, key, value)
    model.generation_config._from_model_config = False
    return saved(folder, model, t.WhisperProcessor(t.WhisperFeatureExtractor(), tokenizer))


def pictures(folder: Path, labels=SEVEN) -> Path:
    torch.manual_seed(0)
    config = t.ViTConfig(hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16, image_size=32,
                         patch_size=16, **named(labels))  # fmt: skip
    return saved(folder, t.ViTForImageClassification(config), t.ViTImageProcessor(size={"height": 32, "width": 32}))


WORDS = ["i", "am", "so", "happy", "sad", "today", "the", "train", "is", "late", "."]


def text(folder: Path, labels, kind: str = "Bert", several: bool = False) -> Path:
    from tokenizers import Tokenizer, models, pre_tokenizers, processors

    torch.manual_seed(0)
    vocabulary = {w: i for i, w in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", *WORDS])}
    raw = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    raw.pre_tokenizer = pre_tokenizers.Whitespace()
    raw.post_processor = processors.TemplateProcessing("[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    tokenizer = t.PreTrainedTokenizerFast(
        tokenizer_object=raw,
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        model_max_length=40,
    )
    config = getattr(t, f"{kind}Config")(
        vocab_size=len(vocabulary), hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16,
        max_position_embeddings=40, pad_token_id=0, **named(labels),
        problem_type="multi_label_classification" if several else "single_label_classification",
    )  # fmt: skip
    return saved(folder, getattr(t, f"{kind}ForSequenceClassification")(config), tokenizer)


def clip(folder: Path) -> Path:
    torch.manual_seed(0)
    folder.mkdir(parents=True)
    letters = string.ascii_lowercase
    vocabulary = {
        c: i for i, c in enumerate([*letters, *(c + "</w>" for c in letters), "<|startoftext|>", "<|endoftext|>"])
    }
    (folder / "vocab.json").write_text(json.dumps(vocabulary))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    tokenizer = t.CLIPTokenizer(str(folder / "vocab.json"), str(folder / "merges.txt"))
    common = {"hidden_size": 24, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 24}
    end = vocabulary["<|endoftext|>"]
    config = t.CLIPConfig(
        text_config=common | {"vocab_size": len(vocabulary), "max_position_embeddings": 40, "eos_token_id": end,
                              "bos_token_id": end - 1, "pad_token_id": end},
        vision_config=common | {"image_size": 32, "patch_size": 16}, projection_dim=16,
    )  # fmt: skip
    size = {"shortest_edge": 32}
    images = t.CLIPImageProcessor(size=size, crop_size={"height": 32, "width": 32})
    return saved(folder, t.CLIPModel(config), t.CLIPProcessor(images, tokenizer))


def siglip(folder: Path) -> Path:
    from tokenizers import Tokenizer, models, pre_tokenizers

    torch.manual_seed(0)
    vocabulary = {c: i for i, c in enumerate(["<pad>", "</s>", "<unk>", *string.ascii_lowercase])}
    raw = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    raw.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    tokenizer = t.PreTrainedTokenizerFast(
        tokenizer_object=raw, pad_token="<pad>", eos_token="</s>", unk_token="<unk>", model_max_length=40,
        model_input_names=["input_ids"],
    )  # fmt: skip
    common = {"hidden_size": 24, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 24}
    config = t.SiglipConfig(
        text_config=common | {"vocab_size": len(vocabulary), "max_position_embeddings": 40, "projection_size": 24,
                              "pad_token_id": 0, "eos_token_id": 1, "bos_token_id": 1},
        vision_config=common | {"image_size": 32, "patch_size": 16},
    )  # fmt: skip
    images = t.SiglipImageProcessor(size={"height": 32, "width": 32})
    return saved(folder, t.SiglipModel(config), t.SiglipProcessor(images, tokenizer))
