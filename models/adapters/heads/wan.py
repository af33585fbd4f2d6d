"""`WanHead`: diffusers' WanAnimatePipeline, driven by a face and pose video of the wanted emotion that the embedded head makes."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from PIL import Image

from genstudio.emotion import Emotion, EmotionCurve
from genstudio.errors import MissingExtraError
from genstudio.protocols import Speech, TalkingHead

from .base import PipelineHead, pixels_of
from .driving import OPTIONS, drive, head_of

if TYPE_CHECKING:
    from genstudio.protocols import U8

FPS = 30.0  # what Wan-Animate was trained at
_SEGMENT, _GRID = 77, 4  # frames at a time; of the VAE


class WanHead(PipelineHead):
    """Portrait, speech and emotion to video by Wan-Animate (Wan Team 2025). The emotion comes with the driving video; directions in
    the prompt embeddings can be added by `strength`. Options of the driver: see `driving.OPTIONS`."""

    scheme, of, multiple, strength = "wan-animate", "WanAnimatePipeline", 16, 0.0

    def __init__(self, *parts: Any) -> None:
        if find_spec("ftfy") is None:
            raise MissingExtraError("ftfy", "pretrained", "Wan-Animate")
        super().__init__(*parts)

    def __call__(
        self, portrait: U8, speech: Speech, emotion: Emotion | EmotionCurve, *, size: int = 512, seed: int = 0,
        progress: Callable[[float], None] | None = None, prompt: str | None = None, strength: float | None = None,
        **options: Any,
    ) -> TalkingHead:  # fmt: skip
        """portrait: uint8 [h, w, 3] RGB; size: of the longer side in pixels, a multiple of 16. Raises FaceError, InputError."""
        given, driver = self._split(options, OPTIONS)
        driving = drive(portrait, size, self.multiple, speech, emotion, seed, **{"fps": FPS, **driver})
        count = len(driving.frames)
        before = given.get("prev_segment_conditioning_frames", 1)
        if "segment_frame_length" not in given:
            whole = -(-max(1, count - 1) // _GRID) * _GRID + 1
            given["segment_frame_length"] = min(_SEGMENT, max(whole, before + _GRID))
        passes = -(-max(1, count - before) // max(1, given["segment_frame_length"] - before))
        side = self.pipeline.transformer.config.motion_encoder_size
        given = {
            "image": Image.fromarray(driving.picture),
            "face_video": [Image.fromarray(f) for f in driving.faces(side)],
            "pose_video": [Image.fromarray(f) for f in driving.poses()],
            "height": driving.picture.shape[0],
            "width": driving.picture.shape[1],
            **given,
        }
        chosen = self.strength if strength is None else strength
        made, info = self._run(prompt or self.prompt, emotion, chosen, given, seed, progress, passes)
        info["lever"] = "driving video" + (", directions" if info["moved"] else "")
        return head_of(pixels_of(made.frames[0], count), driving.motion, speech, emotion, seed, info)
