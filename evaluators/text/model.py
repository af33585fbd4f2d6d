"""The network: MiniLM, its trained low-rank update, and a head for 28 labels and VAD."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

import torch
from torch import Tensor, nn

from genstudio.emotion.norms import GOEMOTIONS

from .minilm import CLS, LAYERS, SEP, WIDTH, LowRank, MiniLM, batch, pool, tokenizer

MAX_TOKENS = 96  # word pieces the network sees at once; longer texts are read in pieces


@dataclass(frozen=True)
class TextConfig:
    """rank: of the update (0: MiniLM stays as published); first: the layer it starts at; layers: hidden states the head sees (not
    before `first`); hidden: width of the head."""

    rank: int = 16
    first: int = 0
    layers: tuple[int, ...] = (LAYERS,)
    hidden: int = 384
    dropout: float = 0.2

    def as_dict(self) -> dict[str, object]:
        return asdict(self)


class EmotionText(nn.Module):
    """Sentences to logits of the 28 labels and standardised VAD."""

    def __init__(self, config: TextConfig, backbone: MiniLM) -> None:
        super().__init__()
        self.config = config
        self.backbone = backbone.requires_grad_(False)
        if config.rank:
            for module in self.updates().values():
                module.adapt(config.rank)
        wide = len(config.layers) * 3 * WIDTH
        self.head = nn.Sequential(
            nn.LayerNorm(wide), nn.Dropout(config.dropout), nn.Linear(wide, config.hidden), nn.GELU(),
            nn.Dropout(config.dropout), nn.Linear(config.hidden, len(GOEMOTIONS) + 3),
        )  # fmt: skip

    def updates(self) -> dict[str, LowRank]:
        """The layers that take a low-rank update, by name."""
        upper = self.backbone.layers[self.config.first :]
        return {n: m for n, m in upper.named_modules() if isinstance(m, LowRank)}

    def trained(self) -> dict[str, Tensor]:
        """What training changed, and all that a weights file holds."""
        return {k: v for k, v in self.state_dict().items() if k.startswith("head.") or k.endswith((".up", ".down"))}

    def load_trained(self, state: dict[str, Tensor]) -> None:
        """Strict over what training changed."""
        from genstudio.errors import MissingWeightsError

        if set(state) != set(self.trained()):
            raise MissingWeightsError(
                f"text weights do not fit {self.config}: {sorted(set(state) ^ set(self.trained()))[:3]}"
            )
        self.load_state_dict(state, strict=False)

    def merge(self) -> EmotionText:
        """Folds the update into the weights, for inference."""
        for module in self.updates().values():
            module.merge()
        return self.eval()

    def features(self, ids: Tensor, seen: Tensor) -> Tensor:
        """Pooled hidden states, float [batch, layers * 1152]."""
        states = self.backbone(ids, seen, 0.1 if self.config.rank else 0.0)
        return torch.cat([pool(states[i].float(), seen) for i in self.config.layers], -1)

    def from_state(self, state: Tensor, seen: Tensor) -> tuple[Tensor, Tensor]:
        """As `forward`, from the input of layer `first`: float [batch, tokens, 384]."""
        first = self.config.first
        states = self.backbone.onward(state, seen, first, 0.1)
        out = self.head(torch.cat([pool(states[i - first].float(), seen) for i in self.config.layers], -1)).float()
        return out[:, :-3], out[:, -3:]

    def forward(self, ids: Tensor, seen: Tensor) -> tuple[Tensor, Tensor]:
        """ids int64, seen bool [batch, tokens] → logits [batch, 28], VAD in standard deviations [batch, 3]."""
        out = self.head(self.features(ids, seen)).float()
        return out[:, :-3], out[:, -3:]


def encode(texts: Sequence[str]) -> list[list[int]]:
    """Word-piece ids with [CLS] and [SEP], cut to MAX_TOKENS."""
    found = tokenizer().encode_batch(list(texts), add_special_tokens=False)
    return [[CLS, *e.ids[: MAX_TOKENS - 2], SEP] for e in found]


def pieces(text: str) -> list[list[int]]:
    """A text of any length as consecutive pieces of at most MAX_TOKENS ids."""
    ids = tokenizer().encode(text, add_special_tokens=False).ids
    step = MAX_TOKENS - 2
    return [[CLS, *ids[i : i + step], SEP] for i in range(0, max(len(ids), 1), step)]


@torch.inference_mode()
def predict(
    model: EmotionText, rows: Sequence[list[int]], tokens: int = 2048, half: bool = False
) -> tuple[Tensor, Tensor]:
    """Probabilities [n, 28] and standardised VAD [n, 3] for rows of ids, in batches of about `tokens` ids.

    half: in bfloat16, where the processor has it several times faster and off by about 0.005.
    """
    model.eval()
    device = next(model.head.parameters()).device
    probabilities, vad = torch.zeros(len(rows), len(GOEMOTIONS)), torch.zeros(len(rows), 3)
    for index in by_length(rows, tokens):
        ids, seen = (x.to(device) for x in batch([rows[i] for i in index]))
        with torch.autocast(device.type, torch.bfloat16, enabled=half):
            logits, v = model(ids, seen)
        probabilities[index], vad[index] = logits.sigmoid().float().cpu(), v.float().cpu()
    return probabilities, vad


def by_length(rows: Sequence[list[int]], tokens: int) -> Iterator[list[int]]:
    """Index groups of rows of like length, each of about `tokens` ids with padding."""
    group: list[int] = []
    for i in sorted(range(len(rows)), key=lambda i: len(rows[i])):
        if group and len(rows[i]) * (len(group) + 1) > tokens:
            yield group
            group = []
        group.append(i)
    if group:
        yield group
