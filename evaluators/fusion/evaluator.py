"""`FusionEvaluator`: a talking video, or one of its streams, in; a `Reading` by a network trained with `train` out."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genstudio import scoring
from genstudio.emotion import EKMAN, vad_of_categories
from genstudio.errors import InputError, MediaError, MissingWeightsError
from genstudio.media import video
from genstudio.protocols import Ceiling, Reading, Speech, TalkingHead
from genstudio.threads import one_thread
from genstudio.weights import load_weights, sha256

from .attention import Config, FusionNet
from .figures import posterior
from .frames import MOST_SECONDS, STEP, Frames, frames_of, read_frames, version

WEIGHTS, FACTS = "fusion.safetensors", "fusion.json"
U8 = NDArray[np.uint8]


class FusionEvaluator:
    """Face and voice read together by a network that a user trained on clips of their own, see `card.md` in its folder.

    It reads the streams that are there; the ceiling of each reading is the network's on held-out speakers with the same streams.
    Acted corpora teach what actors show when asked, not what a person feels. Built on the scoring recognisers of face and voice,
    so it scores and never steers.
    """

    modality = "face and voice"
    role = "score"

    def __init__(self, net: FusionNet, facts: dict[str, Any], name: str) -> None:
        self.net, self.name = net.eval(), name
        self.classes: tuple[str, ...] = tuple(facts["classes"])
        self.figures: dict[str, Any] = facts["figures"]
        self.data = str(facts["data"])
        self.ceiling = self._ceiling("both")
        both = self.figures["both"]
        self.facts = {**facts, "confusion": both["confusion"]} if both else facts

    @classmethod
    def load(cls, folder: Path | str) -> FusionEvaluator:
        """From the folder that `python -m genstudio.evaluators.fusion.train --out` wrote. Raises MissingWeightsError."""
        folder = Path(folder).expanduser()
        try:
            facts = json.loads((folder / FACTS).read_text(encoding="utf-8"))
            net = FusionNet(Config(**facts["network"]))
        except (OSError, ValueError, KeyError, TypeError):
            raise MissingWeightsError(
                f"'{folder}' holds no fusion recogniser; train one with 'python -m genstudio.evaluators.fusion.train --out'"
            ) from None
        if facts.get("rows") != version():
            raise MissingWeightsError(
                f"'{folder}' was trained on what other face and voice recognisers see than those installed; train it again"
            )
        load_weights(net, folder / WEIGHTS)
        return cls(net, facts, f"fusion:{folder.resolve().name}@{sha256(folder / WEIGHTS)[:8]}")

    def _ceiling(self, stream: str) -> Ceiling:
        found, people = self.figures[stream], len(self.figures["speakers"])
        if found is None:
            return Ceiling.unmeasured(self.classes)
        with_what = {"both": "face and voice", "face": "the face alone", "voice": "the voice alone"}[stream]
        who = f"{people} speaker{'s' if people > 1 else ''} it never met"
        data = f"{self.data}, {who}, {found['clips']} clips, {with_what}"
        return Ceiling("UAR", found["uar"], tuple(found["interval"]), self.figures["chance"], data, self.classes)

    def __call__(self, media: Speech | TalkingHead | Path | str) -> Reading:
        """A recording, a talking head, or a file. Raises MediaError when neither face nor voice is there."""
        if isinstance(media, Speech):
            return self.read(frames_of(None, media))
        if isinstance(media, TalkingHead):
            return self.read_video(media.frames(), media.motion.fps, media.speech)
        if isinstance(media, str | Path):
            return self.read_file(Path(media))
        raise InputError(f"{self.name} reads Speech, TalkingHead or a file; got {type(media).__name__}")

    def read_file(self, path: Path | str) -> Reading:
        """Both streams of a video, or a recording. Raises MediaError."""
        path = Path(path)
        kind = scoring.kind_of(path)
        if kind == "audio":
            return self.read(read_frames(None, path))
        if kind != "video":
            raise InputError(f"{self.name} reads face and voice; '{path.name}' is a file of {kind}")
        return self.read(read_frames(path, path if video.probe(path).has_audio else None))

    def read_video(self, frames: Iterable[U8], fps: float = 25.0, speech: Speech | None = None) -> Reading:
        """uint8 [h, w, 3] frames at fps, with what is said while they are shown. Raises MediaError."""
        if not fps > 0:
            raise InputError(f"fps must be above 0; got {fps}")
        return self.read(frames_of(((i / fps, f) for i, f in enumerate(frames)), speech))

    @one_thread()
    def read(self, frames: Frames) -> Reading:
        """Rows of a clip. Details: seconds read; streams; attention (shares of face and voice); windows with the most likely
        class, the face's share and the moment (s) that weighed most."""
        seen, heard = bool(frames.seen.any()), bool(frames.heard.any())
        if not seen and not heard:
            raise MediaError("neither a face is seen nor a voice heard in it")
        p, windows = posterior(self.net, frames)
        on = [EKMAN.index(k) for k in self.classes]
        categories = {k: float(x) for k, x in zip(self.classes, p[on] / p[on].sum(), strict=True)}
        face = float(np.mean([w["face"] for w in windows]))
        stream = "both" if seen and heard else "face" if seen else "voice"
        details: dict[str, Any] = {
            "seconds": round(frames.seconds, 2), "seconds_read": round(min(frames.seconds, MOST_SECONDS), 2),
            "streams": ["face"] * seen + ["voice"] * heard, "seen_share": round(float((frames.seen > 0).mean()), 3),
            "heard_share": round(float((frames.heard > 0).mean()), 3),
            "attention": {"face": round(face, 3), "voice": round(1 - face, 3)},
            "windows": [
                {
                    "start": round(w["start"] * STEP, 1), "end": round(w["end"] * STEP, 1), "top": EKMAN[int(w["p"].argmax())],
                    "face": round(w["face"], 3), "moment": round(w["moment"] * STEP, 1),
                }
                for w in windows
            ],
        }  # fmt: skip
        return Reading(self.modality, self.name, *vad_of_categories(categories), categories, "categories",
                       self._ceiling(stream), details)  # fmt: skip
