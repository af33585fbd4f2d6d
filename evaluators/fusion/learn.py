"""The training loop: pretraining, then training; a run that was stopped and resumed gives the same weights as one that was not."""

from __future__ import annotations

import copy
import csv
import hashlib
import io
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from genstudio import registry
from genstudio.emotion import EKMAN
from genstudio.errors import InputError
from genstudio.media.files import write_text, writing
from genstudio.threads import one_thread

from ..face.net import CLASSES as FACE_CLASSES
from ..face.train import Mean
from ..speech.data import CLASSES as VOICE_CLASSES
from .attention import Config, FusionNet
from .batches import WINDOW, collate, dropped, epoch
from .clips import Sample
from .frames import FACE, VOICE
from .late import Channel
from .pretrain import Heads, losses

CHECKPOINT, LOG = "checkpoint.pt", "train.csv"
_COLUMNS = ("stage", "epoch", "seconds", "loss", "detail")
Told = Callable[[str, int, int, float, float], None]  # stage, epoch done, of how many, loss, seconds left


@dataclass(frozen=True)
class Settings:
    """epochs, pretrain: passes over the labelled and the unlabelled clips; drop: share of clips whose face goes missing in
    training, and as many their voice; smooth: label smoothing; mean: decay of the weights' running mean, which is what is kept."""

    epochs: int = 40
    pretrain: int = 0
    seed: int = 0
    batch: int = 32
    rate: float = 1e-3
    drop: float = 0.25
    smooth: float = 0.05
    mean: float = 0.99
    network: Config = field(default_factory=Config)

    def __post_init__(self) -> None:
        if self.epochs < 1 or self.pretrain < 0 or self.batch < 2:
            raise InputError(
                f"at least 1 epoch, 0 epochs of pretraining and 2 clips a batch are needed; got {self.epochs}, "
                f"{self.pretrain}, {self.batch}"
            )


@dataclass(frozen=True)
class Learnt:
    """net: ready to read; done: epochs of training; kept: the epoch whose weights these are (0: late fusion alone);
    finished: whether all were run; seconds: of training, all runs together."""

    net: FusionNet
    done: int
    kept: int
    finished: bool
    seconds: float


def labelled(samples: Sequence[Sample]) -> list[Sample]:
    """Those with one of the seven and a speaker. Raises InputError when fewer than two speakers or classes are left."""
    kept = [s for s in samples if s.label and s.speaker]
    who, what = {s.speaker for s in kept}, {s.label for s in kept}
    if len(who) < 2 or len(what) < 2:
        raise InputError(
            f"training needs clips of at least 2 speakers and 2 of the emotions {', '.join(EKMAN)}; "
            f"got {len(kept)} clips of {len(who)} speakers and {len(what)} emotions"
        )
    return kept


@one_thread()
def learn(
    samples: Sequence[Sample], settings: Settings, out: Path | None = None, *, unlabelled: Sequence[Sample] = (),
    watched: Sequence[Sample] = (), minutes: float = 0.0, resume: bool = False, told: Told | None = None,
) -> Learnt:  # fmt: skip
    """Train on labelled samples; pretraining takes them and the unlabelled ones.

    watched: labelled samples of other speakers, not learned from: the weights that read these best are kept, of all epochs and of
    late fusion alone; without any, the last ones.
    out: folder of the checkpoint and train.csv, written after every epoch. minutes: stop after so long (0: never); `resume` goes
    on. Raises InputError when the checkpoint is of other data or settings, or the samples hold one class alone.
    """
    run = _Run(samples, settings, unlabelled, watched)
    if resume and out is not None:
        run.restore(out / CHECKPOINT)
    began, budget = time.monotonic(), 60 * minutes
    start, earlier, first = run.at, run.seconds, True
    while run.at < run.total and (first or not budget or time.monotonic() - began < budget):
        stage, number, loss, detail = run.step()
        first = False
        gone = time.monotonic() - began
        run.seconds = earlier + gone
        run.log.append([stage, number, round(run.seconds, 2), round(loss, 5), detail])
        if out is not None:
            run.keep(out)
        if told is not None:
            of = settings.pretrain if stage == "pretrain" else settings.epochs
            told(stage, number, of, loss, gone / (run.at - start) * (run.total - run.at))
    done = max(0, run.at - settings.pretrain)
    return Learnt(run.result(), done, run.best[1] if run.watched else done, run.at == run.total, run.seconds)


class _Run:
    def __init__(
        self, samples: Sequence[Sample], settings: Settings, unlabelled: Sequence[Sample], watched: Sequence[Sample]
    ) -> None:
        self.samples, self.settings = list(samples), settings
        self.pool = [*self.samples, *unlabelled]
        torch.manual_seed(settings.seed)
        self.net, self.heads = FusionNet(settings.network), Heads(settings.network)
        present = torch.tensor([float(any(s.label == k for s in self.samples)) for k in EKMAN])
        if int(present.sum()) < 2:
            raise InputError("the clips to learn from show one emotion alone; give clips of at least two")
        self.net.trained = present
        _scale(self.net, self.pool)
        if (settings.network.face, settings.network.voice) == (FACE, VOICE):
            self.net.start_from(*confusions())
        count = torch.tensor([float(sum(s.label == k for s in self.samples)) for k in EKMAN])
        self.balance = torch.where(count > 0, (count.sum() / count.clamp(min=1)).sqrt(), torch.zeros(()))
        self.mean = Mean(self.net, settings.mean)
        self.at, self.total, self.seconds = 0, settings.pretrain + settings.epochs, 0.0
        self.log: list[list[Any]] = []
        self.optimiser = self._optimiser()
        known = [k for k, on in zip(EKMAN, present.tolist(), strict=True) if on]
        self.watched = [s for s in watched if s.label in known]
        self.best: tuple[float, int, dict[str, Tensor]] = (float("inf"), 0, {})

    def step(self) -> tuple[str, int, float, str]:
        """One epoch: its stage, number, mean loss and what else there is to say."""
        first = self.at < self.settings.pretrain
        if self.at == self.settings.pretrain and self.at:  # training begins from the pretrained weights
            self.optimiser, self.mean = self._optimiser(), Mean(self.net, self.settings.mean)
        if self.at == self.settings.pretrain:
            self._watch(0)
        seed = [self.settings.seed, self.at]
        random = np.random.default_rng(seed)
        torch.manual_seed(int(random.integers(2**31)))
        self.net.train()
        out = self._pretrained(random) if first else self._trained(random)
        self.at += 1
        return out

    def _pretrained(self, random: np.random.Generator) -> tuple[str, int, float, str]:
        found = []
        self._rate(self.at / self.settings.pretrain)
        for x, _ in epoch(self.pool, self.settings.batch, random):
            each = losses(self.net, self.heads, x, random)
            self._descend(each.total, [self.net, self.heads])
            found.append((float(each.total.detach()), each.rebuilt, each.contrast, each.found))
        total, rebuilt, contrast, matched = (float(np.nanmean(c)) for c in zip(*found, strict=True))
        return "pretrain", self.at + 1, total, f"rebuilt {rebuilt:.4f} contrast {contrast:.4f} found {matched:.3f}"

    def _trained(self, random: np.random.Generator) -> tuple[str, int, float, str]:
        number = self.at - self.settings.pretrain
        self._rate(number / self.settings.epochs)
        total, right, count = 0.0, 0, 0
        for x, some in epoch(self.samples, self.settings.batch, random):
            y = torch.tensor([EKMAN.index(s.label) for s in some])
            logits, _ = self.net(dropped(x, random, self.settings.drop))
            loss = self._loss(logits, y)
            self._descend(loss, [self.net])
            total, right, count = (
                total + float(loss.detach()) * len(y),
                right + int((logits.argmax(1) == y).sum()),
                count + len(y),
            )
        watched = self._watch(number + 1)
        said = "" if watched is None else f" watched {watched:.4f}"
        return "train", number + 1, total / count, f"right {right / count:.4f}{said}"

    @torch.no_grad()
    def _watch(self, number: int) -> float | None:
        """Loss of the running mean (of late fusion alone for epoch 0) on the watched samples; the best weights are kept."""
        if not self.watched:
            return None
        net = copy.deepcopy(self.mean.net)
        if not number and isinstance(net, FusionNet):
            net.silent()
        total = 0.0
        for a in range(0, len(self.watched), self.settings.batch):
            some = self.watched[a : a + self.settings.batch]
            logits, _ = net(collate([s.frames.part(0, WINDOW) for s in some]))
            y = torch.tensor([EKMAN.index(s.label) for s in some])
            total += float(F.cross_entropy(logits, y, self.balance, reduction="sum"))
        if total < self.best[0]:
            self.best = (total, number, {k: v.clone() for k, v in net.state_dict().items()})
        return total / len(self.watched)

    def _loss(self, logits: Tensor, y: Tensor) -> Tensor:
        """Cross-entropy with smoothing over the trained classes, rarer classes weighing more."""
        known = self.net.trained
        target = F.one_hot(y, len(EKMAN)) * (1 - self.settings.smooth) + known / known.sum() * self.settings.smooth
        weight = self.balance[y]
        return (-(target * logits.log_softmax(1) * known).sum(1) * weight).sum() / weight.sum()

    def _descend(self, loss: Tensor, modules: list[nn.Module]) -> None:
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_([p for m in modules for p in m.parameters()], 1.0)
        self.optimiser.step()
        self.mean.update(self.net)

    def _optimiser(self) -> torch.optim.Optimizer:
        every = [*self.net.parameters(), *self.heads.parameters()]
        wide, thin = [p for p in every if p.ndim > 1], [p for p in every if p.ndim <= 1]
        groups = [{"params": wide, "weight_decay": 0.05}, {"params": thin, "weight_decay": 0.0}]
        return torch.optim.AdamW(groups, lr=self.settings.rate)

    def _rate(self, share: float) -> None:
        rate = self.settings.rate * float(0.5 * (1 + np.cos(np.pi * share)) + 0.01) * (0.3 if share == 0 else 1)
        for g in self.optimiser.param_groups:
            g["lr"] = rate

    def result(self) -> FusionNet:
        """The running mean of the weights, at its best epoch where samples were watched; frozen."""
        net = FusionNet(self.settings.network)
        net.load_state_dict(self.best[2] or self.mean.net.state_dict())
        return net.eval().requires_grad_(False)

    def _identity(self) -> str:
        who = [[s.key, s.label, s.speaker, len(s.frames)] for s in [*self.pool, *self.watched]]
        return hashlib.sha256(json.dumps([asdict(self.settings), who]).encode()).hexdigest()

    def keep(self, out: Path) -> None:
        """Write the checkpoint and the log."""
        state = {
            "net": self.net.state_dict(), "heads": self.heads.state_dict(), "mean": self.mean.net.state_dict(),
            "steps": self.mean.steps, "optimiser": self.optimiser.state_dict(), "at": self.at, "seconds": self.seconds,
            "log": self.log, "best": list(self.best), "identity": self._identity(),
        }  # fmt: skip
        with writing(out / CHECKPOINT) as temporary:
            torch.save(state, temporary)
        text = io.StringIO()
        csv.writer(text).writerows([_COLUMNS, *self.log])
        write_text(out / LOG, text.getvalue())

    def restore(self, path: Path) -> None:
        """Go on from a checkpoint; from the start where there is none. Raises InputError."""
        if not path.is_file():
            return
        try:
            held = torch.load(path, weights_only=True)
        except Exception as error:  # torch names no class of its own
            raise InputError(
                f"'{path}' is no checkpoint ({type(error).__name__}); leave out --resume to start anew"
            ) from None
        if held["identity"] != self._identity():
            raise InputError(
                f"'{path}' is of other clips or settings; repeat those, or leave out --resume to start anew"
            )
        self.net.load_state_dict(held["net"])
        self.heads.load_state_dict(held["heads"])
        self.mean.net.load_state_dict(held["mean"])
        self.optimiser.load_state_dict(held["optimiser"])
        self.mean.steps, self.at, self.seconds, self.log = held["steps"], held["at"], held["seconds"], held["log"]
        self.best = tuple(held["best"])


def confusions() -> tuple[Tensor, Tensor]:
    """log P(read | shown) of the shipped recognisers, [classes read, 7] each: face, voice."""
    channels = [Channel.of(registry.load(f"evaluator:{m}")) for m in ("face", "speech")]
    out = []
    for channel, classes in zip(channels, (FACE_CLASSES, VOICE_CLASSES), strict=True):
        rows = np.zeros((len(classes), len(EKMAN)))
        log_p = np.log(channel.matrix)
        for i, name in enumerate(classes):
            if name in channel.classes:
                rows[i] = log_p[:, channel.classes.index(name)]
        out.append(torch.from_numpy(rows).float())
    return out[0], out[1]


def _scale(net: FusionNet, samples: Sequence[Sample]) -> None:
    for stream, rows, flag in ((net.face, "face", "seen"), (net.voice, "voice", "heard")):
        known = [getattr(s.frames, rows)[getattr(s.frames, flag) > 0] for s in samples]
        whole = np.concatenate([k for k in known if len(k)]) if any(map(len, known)) else None
        if whole is not None:
            stream.fit_scale(torch.from_numpy(whole))
