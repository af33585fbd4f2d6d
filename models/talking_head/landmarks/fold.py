"""The same network, faster on a processor: batch norms folded into the convolutions before them, channels last."""

from __future__ import annotations

import copy
from typing import TypeVar

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

Net = TypeVar("Net", bound=nn.Module)


def folded(net: Net) -> Net:
    """A copy for inference alone; its outputs differ by rounding."""
    out = _fold(copy.deepcopy(net).eval())
    return out.to(memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]


def last(x: Tensor) -> Tensor:
    """[b, c, h, w] with channels innermost in memory."""
    return x.contiguous(memory_format=torch.channels_last)


def _fold(net: Net) -> Net:
    for name, child in list(net.named_children()):
        if isinstance(child, nn.Sequential):
            kept: list[nn.Module] = []
            for layer in child:
                if isinstance(layer, nn.BatchNorm2d) and kept and isinstance(kept[-1], nn.Conv2d):
                    kept[-1] = fuse_conv_bn_eval(kept[-1], layer)
                else:
                    kept.append(layer)
            child = nn.Sequential(*kept)
            setattr(net, name, child)
        _fold(child)
    return net
