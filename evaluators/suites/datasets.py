"""Where to get the field's data sets, their terms, and what they are good for: the only list of them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Dataset:
    """modality: what is read of it; labels: what it says; terms: licence or conditions; research_only: whether commercial use is
    excluded; get: where it is asked for or downloaded (its authors' page or paper)."""

    name: str
    modality: str
    labels: str
    terms: str
    research_only: bool
    get: str
    good_for: str

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return asdict(self)


DATASETS: tuple[Dataset, ...] = (
    Dataset("ravdess", "face and speech", "8 emotions, 2 intensities, 24 actors", "CC BY-NC-SA 4.0", True,
            "zenodo.org record 1188976 (Livingstone & Russo 2018)", "acted speech and song, audio and video"),
    Dataset("crema-d", "face and speech", "6 emotions, 91 actors, human ratings", "Open Database License 1.0", False,
            "github.com/CheyneyComputerScience/CREMA-D (Cao et al. 2014)", "many speakers, audio and video"),
    Dataset("emodb", "speech", "7 emotions, 10 actors, German", "free to use, credit Burkhardt et al. 2005", False,
            "emodb.bilderbar.info", "clean acted speech with human recognition rates"),
    Dataset("esd", "speech", "5 emotions, 10 English and 10 Mandarin speakers", "research use on request", True,
            "github.com/HLTSingapore/Emotional-Speech-Data (Zhou et al. 2021)", "parallel emotional speech, conversion"),
    Dataset("mead", "face and speech", "8 emotions, 3 intensities, 60 actors, 7 views", "research use", True,
            "wywu.github.io/projects/MEAD (Wang et al. 2020)", "talking heads"),
    Dataset("meld", "speech", "7 emotions in dialogues from a series", "GPL-3.0 code; clips for research", True,
            "github.com/declare-lab/MELD (Poria et al. 2019)", "conversation, text and speech"),
    Dataset("fer2013", "face", "7 emotions, 35,887 grey faces", "research use (Kaggle 2013 challenge)", True,
            "kaggle.com, challenges in representation learning (Goodfellow et al. 2013)", "faces in the wild"),
    Dataset("affectnet", "face", "8 emotions, valence, arousal", "research use on request", True,
            "mohammadmahoor.com/affectnet (Mollahosseini et al. 2017)", "valence and arousal of faces"),
    Dataset("oasis", "image", "valence, arousal, 900 photographs, about 100 raters each", "open access for research", True,
            "osf.io/6pnd7 (Kurdi, Lozano & Banaji 2017)", "valence and arousal of pictures"),
    Dataset("emoset", "image", "8 emotions of Mikels, attributes", "research use", True,
            "vcc.tech/EmoSet (Yang et al. 2023)", "what pictures make people feel, and why"),
    Dataset("findingemo", "image", "valence, arousal, 24 emotions of Plutchik", "CC BY-NC-SA 4.0 (annotations)", True,
            "github.com/LaurentMertensKUL/FindingEmo (Mertens et al. 2024)", "pictures of people in scenes"),
    Dataset("emonet-face", "face", "40 emotions, synthetic faces, expert ratings", "CC BY 4.0", False,
            "huggingface.co/collections/laion (Schuhmann et al. 2025)", "fine categories of faces"),
    Dataset("emonet-voice", "speech", "40 emotions, synthetic voices, expert ratings", "CC BY 4.0", False,
            "huggingface.co/collections/laion (Schuhmann et al. 2025)", "fine categories of voices"),
    Dataset("cameo", "speech", "several corpora, many languages, one format", "as each corpus; see its card", True,
            "huggingface.co/datasets/amu-cai/CAMEO (Christop & Czajka 2025)", "across corpora and languages"),
    Dataset("goemotions", "text", "28 labels, several at once, English", "CC BY 4.0", False,
            "github.com/google-research/google-research/tree/master/goemotions (Demszky et al. 2020)", "categories of text"),
    Dataset("emobank", "text", "valence, arousal, dominance, English", "CC BY-SA 4.0", False,
            "github.com/JULIELab/EmoBank (Buechel & Hahn 2017)", "dimensions of text"),
    Dataset("semeval2025-11", "text", "6 emotions, several at once, many languages", "CC BY 4.0 (BRIGHTER)", False,
            "github.com/emotion-analysis-project/SemEval2025-Task11 (Muhammad et al. 2025)", "text beyond English"),
)  # fmt: skip

BY_NAME = {d.name: d for d in DATASETS}
