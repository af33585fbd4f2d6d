"""Makes the pack the embedded face descriptor learns from: FER-2013's training faces, the London set's training identities."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from genstudio.errors import MissingDataError
from genstudio.media.image import read_image
from genstudio.splits import london_holdout

from .face_crop import framed
from .face_dlib import Dlib
from .face_pack import CROP, F32, PAPER, U8, save


def prepare(data: Path, out: Path) -> None:
    """About half an hour of one core. Raises MissingDataError, MissingExtraError."""
    fer = data / "fer2013" / "train.npz"
    if not fer.is_file():
        raise MissingDataError(f"'{fer}' is missing; 'genstudio data list' says where to get FER-2013")
    teacher = Dlib.load()
    with np.load(fer) as f:
        crops = f["images"]
    said = []
    for k, crop in enumerate(crops):
        said.append(teacher.describe_crop(crop))
        if k % 1000 == 999:
            print(f"{k + 1} of {len(crops)} faces described", file=sys.stderr, flush=True)
    save(out, crops, np.stack(said), *london(data, teacher))


def london(data: Path, teacher: Dlib) -> tuple[U8, F32]:
    """The training identities, neutral and smiling: grey faces uint8 [m, 64, 64], the teacher's descriptors [m, 128]."""
    faces, said = [], []
    for path in sorted((data / "london").glob("*/*.jpg")):
        if london_holdout(path.stem[:3]):
            continue
        picture = read_image(path)
        face = framed(picture, PAPER, PAPER / CROP)
        if face is not None:
            faces.append(face)
            said.append(teacher.embed(picture))
    return np.stack(faces), np.stack(said)
