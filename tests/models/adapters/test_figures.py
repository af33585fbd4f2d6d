"""Sizes and memory of the catalogue: reproduced from the libraries' own classes, checked against counts their makers publish."""

from __future__ import annotations

import pytest

from genstudio.catalogue import find, models
from genstudio.errors import InputError
from genstudio.models.adapters.figures import MODELS, Part, figures
from genstudio.models.adapters.figures.count import count


@pytest.mark.parametrize("name", MODELS)
def test_what_is_called_computed_is_what_the_classes_give(name) -> None:
    model, found = find(name), figures(name)
    assert model.parameters == found.parameters and model.offload == found.offload
    for fact, said, counted in (("size", model.size, found.size), ("memory", model.memory, found.memory)):
        if model.sources[fact].startswith("computed"):
            assert said == counted, fact
        else:
            assert said == pytest.approx(counted, rel=0.4), fact


def test_every_model_that_is_computed_has_its_parts_and_the_other_way_round() -> None:
    computed = {m.name for m in models() if any(v.startswith("computed") for v in m.sources.values())}
    assert computed - {"xtts"} == set(MODELS)  # counted where coqui-tts is installed
    with pytest.raises(InputError, match="did you mean 'sdxl'"):
        figures("sdxll")


PUBLISHED = {
    ("sd15", "unet"): 859_520_964,
    ("sd15", "text_encoder"): 123_060_480,
    ("vit-face", "model"): 85_800_000,
    ("flux-schnell", "transformer"): 11_900_000_000,
}


@pytest.mark.parametrize(("name", "part"), PUBLISHED)
def test_counts_agree_with_what_is_published(name, part) -> None:
    assert figures(name).counts[part] == pytest.approx(PUBLISHED[name, part], rel=2e-3)


def test_shared_weights_count_once_and_memory_is_not_taken() -> None:
    small = {"vocab_size": 1000, "d_model": 8, "encoder_layers": 1, "decoder_layers": 1}
    small |= {"encoder_attention_heads": 2, "decoder_attention_heads": 2, "pad_token_id": 0}
    whisper = Part("m", "transformers:WhisperForConditionalGeneration", small)
    apart = Part("m", "transformers:WhisperForConditionalGeneration", {**small, "tie_word_embeddings": False})
    assert count(apart) - count(whisper) == 8000
