"""All three at once: picture, voice and talking head of one emotion, with scores and a report."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from genstudio.errors import OutputError
from genstudio.media.files import check_new, filling, write_text
from genstudio.media.image import read_image
from genstudio.sidecar import add_to_sidecar, reading_dict
from genstudio.studio import EmotionLike, Studio
from genstudio.take import NOBODY, Take

NAMES = ("speech.wav", "head.mp4", "image.png", "scores.json", "report.html")


@dataclass(frozen=True)
class Created:
    """What was made: files in order, their takes, the scores as written to scores.json, a report card of each take."""

    folder: Path
    files: tuple[Path, ...]
    takes: tuple[Take, ...]
    scores: dict[str, Any]
    cards: tuple[Any, ...] = ()

    @property
    def report(self) -> Path:
        """The report to open in a browser."""
        return self.folder / "report.html"


def create(
    text: str, emotion: EmotionLike, folder: Path | str, *, portrait: str | Path = "portrait_1", prompt: str | None = None,
    intensity: float | None = None, voice: str | None = None, size: int = 256, seed: int | None = None,
    consent: str = "not stated", force: bool = False, progress: Callable[[str, float], None] | None = None,
    studio: Studio | None = None,
) -> Created:  # fmt: skip
    """Write image.png, speech.wav, head.mp4 (each with its sidecar), scores.json and report.html into a folder.

    A folder that already holds a creation gets the next free `take_NN` inside it, unless `force`. All of it appears, or none.
    consent: what the head's sidecar says of the person shown (the portraits that come with genstudio show nobody). Raises
    GenstudioError.
    """
    from genstudio import registry
    from genstudio.report import html

    folder = _fresh(Path(folder), force)
    studio = studio or Studio(progress=progress)
    if Path(portrait).suffix:
        read_image(portrait)  # a bad one is said before the work
    with filling(folder) as part:
        speech = studio.speak(text, emotion, intensity=intensity, voice=voice, seed=seed)
        first = speech.request.call["seed"]
        head = studio.animate(portrait, speech, size=size, seed=first)
        head.record_consent(consent if Path(portrait).suffix else NOBODY)
        picture = studio.paint(prompt or speech.output.text, speech.emotion, size=size, seed=first)  # type: ignore[union-attr]
        takes = (speech, head, picture)
        encoded = (lambda f: progress("encode", f)) if progress else None
        files = [take.save(part / name, progress=encoded) for take, name in zip(takes, NAMES, strict=False)]
        cards = tuple(registry.load("tool:report-card")(f) for f in files)
        for file, card in zip(files, cards, strict=True):
            add_to_sidecar(file, "card", card.as_dict())
        scores: dict[str, Any] = {
            "text": text,
            "requested": speech.emotion.to_dict(),
            "seed": first,
            "outputs": [
                {"file": f.name, "kind": t.request.kind, "note": t.note, **(reading_dict(t.reading) or {}), "card": c.as_dict()}
                for f, t, c in zip(files, takes, cards, strict=True)
            ],
        }  # fmt: skip
        write_text(part / "scores.json", json.dumps(scores, indent=1, ensure_ascii=False, default=str) + "\n")
        table = registry.load("tool:report-card-table")
        made = [(f, t, table(c.as_dict())) for f, t, c in zip(files, takes, cards, strict=True)]
        write_text(part / "report.html", html(text, speech.emotion, made))
    return Created(folder, tuple(folder / name for name in NAMES), takes, scores, cards)


def _fresh(folder: Path, force: bool) -> Path:
    if folder.exists() and not folder.is_dir():
        raise OutputError(f"'{folder}' is a file; give a folder")
    if force or not (folder / "scores.json").exists():
        for name in NAMES:
            check_new(folder / name, force)
        return folder
    numbers = (int(p.name[5:]) for p in folder.glob("take_*") if p.name[5:].isdigit())
    return folder / f"take_{max(numbers, default=1) + 1:02d}"
