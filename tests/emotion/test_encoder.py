from __future__ import annotations

import random

import torch

from genstudio.emotion import Emotion, EmotionEncoder, norms
from genstudio.emotion.train import category_accuracy, random_emotion, rank_n_contrast, spearman, train


def test_distances_are_ordinal_in_vad():
    assert spearman(EmotionEncoder.load(), [random_emotion(random.Random(i)) for i in range(300)]) >= 0.9


def test_categories_of_every_taxonomy_decode():
    assert category_accuracy(EmotionEncoder.load()) >= 0.95


def test_vad_decodes_and_the_code_has_unit_variance():
    emotions = [random_emotion(random.Random(1000 + i)) for i in range(200)]
    encoder = EmotionEncoder.load()
    code = encoder(emotions)
    assert code.tokens.shape == (200, 4, 64) and code.pooled.shape == (200, 64)
    vad, categories = encoder.decode(code)
    truth = torch.tensor([e.vad for e in emotions])
    assert (vad - truth).abs().mean() < 0.05
    assert torch.allclose(categories.sum(-1), torch.ones(200), atol=1e-5)
    assert 0.5 < float(code.pooled.var(0).mean()) < 2 and 0.5 < float(code.tokens.var()) < 2


def test_intensity_moves_the_code_away_from_neutral_step_by_step():
    encoder = EmotionEncoder.load()
    for name in norms.EKMAN[:-1]:
        codes = encoder([Emotion.of(name).scaled(x) for x in (0.0, 0.3, 0.6, 1.0)]).pooled
        far = (codes - codes[0]).norm(dim=-1)
        assert far[1] < far[2] < far[3]


def test_rank_n_contrast_prefers_ordered_embeddings():
    y = torch.linspace(-1, 1, 32)[:, None]
    ordered = rank_n_contrast(3 * y, y)
    shuffled = rank_n_contrast(3 * y[torch.randperm(32, generator=torch.Generator().manual_seed(0))], y)
    assert ordered < shuffled


def test_training_runs_and_its_weights_load(tmp_path):
    from genstudio.weights import load_weights

    train(3, 0, tmp_path / "encoder.safetensors")
    load_weights(EmotionEncoder(), tmp_path / "encoder.safetensors")
    assert (tmp_path / "encoder.csv").read_text().startswith("step,")
