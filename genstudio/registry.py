"""One registry of names: what exists, where it lives, under which licence. Nothing is imported before it is asked for.

Names are 'KIND:NAME', kinds 'speech', 'head', 'image' (generators), 'evaluator', 'faces' (finders) and 'tool' (what the core
asks of a folder it must not import: measures, suites, report cards). Other packages add theirs through the entry-point groups
`genstudio.engines` and `genstudio.evaluators` (value: 'module:attribute').
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from inspect import signature
from typing import Any

from genstudio.errors import InputError, MissingError, suggest

APACHE = "Apache-2.0"


@dataclass(frozen=True)
class Entry:
    """One thing that can be loaded.

    target: 'module:attribute', a class with `load(**options)` or a callable that returns the thing; a tool without `load` is
    the attribute itself. weights: files inside the package, relative to genstudio's folders. trained_on: data whose terms
    the weights carry. open: stands for many, one for each folder or hub id: 'image:diffusers' for 'image:diffusers:FOLDER'; its
    `load` takes that as `spec`. needs: modules of optional packages.
    """

    kind: str
    name: str
    target: str
    about: str
    licence: str = APACHE
    trained_on: str = ""
    weights: tuple[str, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    source: str = "genstudio"
    open: bool = False
    needs: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """'kind:name'."""
        return f"{self.kind}:{self.name}"


_BUILT_IN = (
    Entry("speech", "embedded", "genstudio.models.speech.engine:SpeechModel",
          "neural text-to-speech, 24 kHz, English and German", APACHE,
          "Kathleen, Kerstin (CC0), EmoDB, EmoGator (steering half)",
          ("models/speech",)),
    Entry("head", "embedded", "genstudio.models.talking_head.engine:TalkingHeadModel",
          "motion diffusion and portrait animator", APACHE, "Kathleen, EmoDB, ICT-FaceKit (MIT), Live Link takes (MIT)",
          ("models/talking_head",)),
    Entry("image", "embedded", "genstudio.models.image.engine:ImageModel",
          "scene diffusion and painter", APACHE, "scenes made by its own samplers", ("models/image",)),
    Entry("faces", "embedded", "genstudio.models.talking_head.landmarks:FaceFinderNet",
          "face finding and 68 landmarks", APACHE, "London set (CC BY 4.0), ICT-FaceKit (MIT), FER-2013",
          ("models/talking_head/landmarks",)),
    Entry("faces", "face-alignment", "genstudio.models.adapters.faces:FaceAlignmentFinder",
          "68 landmarks by face-alignment, extra 'landmarks'", "see its makers' terms", options={"points": "2D"},
          needs=("face_alignment",)),
    Entry("faces", "face-alignment-3d", "genstudio.models.adapters.faces:FaceAlignmentFinder",
          "the same, points of the head in space", "see its makers' terms", options={"points": "3D"},
          needs=("face_alignment",)),
    Entry("evaluator", "face", "genstudio.evaluators.face:FaceEvaluator", "seven expressions in photos and video",
          APACHE, "FER-2013", ("evaluators/face",), {"role": "score"}),
    Entry("evaluator", "face-steer", "genstudio.evaluators.face:FaceEvaluator", "steering copy: never scores",
          APACHE, "FER-2013, steering half", ("evaluators/face",), {"role": "steer"}),
    Entry("evaluator", "speech", "genstudio.evaluators.speech:SpeechEvaluator", "emotion in a voice, any language",
          APACHE, "EmoDB (four speakers), EmoGator (scoring half)", ("evaluators/speech",), {"role": "score"}),
    Entry("evaluator", "speech-steer", "genstudio.evaluators.speech:SpeechEvaluator", "steering copy: never scores",
          APACHE, "EmoDB (six speakers), EmoGator (steering half)", ("evaluators/speech",), {"role": "steer"}),
    Entry("evaluator", "text", "genstudio.evaluators.text:TextEvaluator", "28 emotions and VAD of English text",
          APACHE, "GoEmotions (CC BY 4.0), EmoBank (CC BY-SA 4.0)", ("evaluators/text",), {"role": "score"}),
    Entry("evaluator", "text-steer", "genstudio.evaluators.text:TextEvaluator", "steering copy: never scores",
          APACHE, "GoEmotions (CC BY 4.0), EmoBank (CC BY-SA 4.0)", ("evaluators/text",), {"role": "steer"}),
    Entry("evaluator", "image", "genstudio.evaluators.image:ImageEvaluator", "valence and arousal of pictures",
          APACHE, "OASIS", ("evaluators/image",), {"role": "score"}),
    Entry("evaluator", "image-steer", "genstudio.evaluators.image:ImageEvaluator", "steering copy: never scores",
          APACHE, "OASIS", ("evaluators/image",), {"role": "steer"}),
    Entry("image", "diffusers", "genstudio.models.adapters.images:DiffusersImage",
          "any text-to-image pipeline of diffusers: diffusers:FOLDER-OR-HUB-ID", "see the model's own card", open=True),
    Entry("head", "wan-animate", "genstudio.models.adapters.heads:WanHead",
          "Wan-Animate, driven by the embedded head: wan-animate:FOLDER-OR-HUB-ID", "see the model's own card", open=True),
    Entry("head", "ltx2", "genstudio.models.adapters.heads:Ltx2Head",
          "LTX-2, from the portrait and our speech: ltx2:FOLDER-OR-HUB-ID", "see the model's own card", open=True),
    Entry("head", "external", "genstudio.models.adapters.heads:ExternalHead",
          "any animator that is a command or a function: external:ANIMATOR.json", "see its own", open=True),
    Entry("speech", "transformers", "genstudio.models.adapters.voices.transformers_voice:TransformersVoice",
          "any text-to-speech model of transformers: transformers:FOLDER-OR-HUB-ID", "see the model's own card", open=True),
    Entry("speech", "coqui", "genstudio.models.adapters.voices.coqui_voice:CoquiVoice",
          "XTTS, VITS and YourTTS of coqui-tts: coqui:FOLDER-OR-HUB-ID", "see the model's own card", open=True, needs=("TTS",)),
    Entry("tool", "fit-directions", "genstudio.models.adapters:fit_directions", "emotion directions in a pretrained model"),
    Entry("tool", "speaker", "genstudio.evaluators.identity.speaker:SpeakerRecogniser", "how alike two voices are",
          APACHE, "EmoDB (four speakers), EmoGator (scoring half), Kerstin", ("evaluators/identity",)),
    Entry("tool", "face-identity", "genstudio.evaluators.identity.face:FaceRecogniser", "how alike two faces are",
          APACHE, "FER-2013, London set (CC BY 4.0), dlib's descriptor (CC0) as teacher", ("evaluators/identity",)),
    Entry("tool", "video-measures", "genstudio.evaluators.video:video_measures",
          "blinks, head motion, jitter, frozen and lost frames, lips"),
    Entry("tool", "transcript", "genstudio.evaluators.transcript:Transcriber", "what is said: pocketsphinx, or Whisper",
          "BSD-2-Clause (pocketsphinx)"),
    Entry("tool", "pretrained", "genstudio.evaluators.pretrained:load_recogniser",
          "recognisers of others: transformers:… and clip:…", "see the model's own card"),
    Entry("tool", "suites", "genstudio.evaluators.suites.run:evaluate_folder", "a folder scored, by any tool"),
    Entry("tool", "compare", "genstudio.evaluators.suites.compare:compare", "two folders, paired"),
    Entry("tool", "datasets", "genstudio.evaluators.suites.datasets:DATASETS", "where to get the field's data"),
    Entry("tool", "layouts", "genstudio.evaluators.suites.layouts:find", "how a data set's folder is laid out"),
    Entry("tool", "timeline", "genstudio.evaluators.timeline:timeline", "which emotion when, in voice and face"),
    Entry("tool", "timeline-page", "genstudio.evaluators.timeline:page", "a timeline as HTML"),
    Entry("tool", "fusion", "genstudio.evaluators.fusion:fuse", "face and voice read together"),
    Entry("tool", "agreement", "genstudio.evaluators.fusion.read:read_agreement", "whether face, voice and text agree"),
    Entry("tool", "voice-cues", "genstudio.evaluators.explain.voice:measured", "pitch, tempo, loudness and the like of a voice"),
    Entry("tool", "explain", "genstudio.evaluators.explain:explain", "a reading in words, from measured cues"),
    Entry("tool", "blind-deal", "genstudio.evaluators.blind:deal", "media shuffled and numbered for blind readers"),
    Entry("tool", "blind-score", "genstudio.evaluators.blind:score", "blind readings against their key"),
    Entry("tool", "protocol", "genstudio.evaluators.protocol:run", "an engine judged: controls, gates, ceilings"),
    Entry("tool", "report-card", "genstudio.evaluators.report_card:report_card", "one take: reached, kept, wrong"),
    Entry("tool", "report-card-page", "genstudio.evaluators.report_card:page", "a report card as HTML"),
    Entry("tool", "report-card-table", "genstudio.evaluators.report_card.page:table", "its rows as an HTML table"),
    Entry("tool", "did-it-act", "genstudio.evaluators.protocol:did_it_act", "whether a control acted: pairs of one seed"),
    Entry("tool", "requested-vs-achieved", "genstudio.evaluators.measures:requested_vs_achieved",
          "what was asked against what was read"),
    Entry("tool", "sync", "genstudio.evaluators.sync:SyncEvaluator", "lip sync: offset and confidence",
          APACHE, "EmoDB (four speakers), Kathleen; made lip curves", ("evaluators/sync",)),
)  # fmt: skip

_GROUPS = {"genstudio.engines": ("speech", "head", "image"), "genstudio.evaluators": ("evaluator",)}


@cache
def entries() -> dict[str, Entry]:
    """Every entry by key: the built-in ones, then those of other packages."""
    out = {e.key: e for e in _BUILT_IN}
    for group, kinds in _GROUPS.items():
        for point in entry_points(group=group):
            kind, _, name = point.name.partition(".") if "." in point.name else (kinds[-1], "", point.name)
            package = point.dist.name if point.dist else "entry point"
            entry = Entry(kind, name, point.value, f"from {package}", "see its package", source=package)
            if kind in kinds:
                out.setdefault(entry.key, entry)
    return out


def find(key: str) -> Entry:
    """The entry of a key such as 'speech:embedded' or 'image:diffusers:FOLDER'. Raises InputError with the nearest names."""
    if key in entries() and not entries()[key].open:
        return entries()[key]
    kind, _, rest = key.partition(":")
    scheme, _, spec = rest.partition(":")
    general = entries().get(f"{kind}:{scheme}")
    if general is not None and general.open:
        if not spec:
            raise InputError(f"'{key}' needs a folder or a hub id after it, such as {scheme}:owner/name")
        return replace(general, name=rest, options={**general.options, "spec": spec}, open=False)
    valid = tuple(k + (":…" if e.open else "") for k, e in entries().items() if e.kind == kind) or tuple(entries())
    raise InputError(f"unknown engine '{key}'; valid: {', '.join(valid)}" + suggest(key, valid))


@cache
def load(key: str) -> Any:
    """Load what a key names; one instance a process. Raises MissingError when its module or weights are absent."""
    return load_with(key)


def load_with(key: str, **options: Any) -> Any:
    """Load what a key names anew, with options of its own `load` (a precision, a device, LoRA weights …)."""
    entry = find(key)
    module, _, attribute = entry.target.partition(":")
    try:
        thing = getattr(import_module(module), attribute)
    except ModuleNotFoundError as error:
        raise MissingError(f"{key} needs the module '{error.name}', which is not installed") from None
    given = {**entry.options, **options}
    if hasattr(thing, "load"):
        unknown = set(options) - set(signature(thing.load).parameters)
        if unknown:
            raise InputError(
                f"{key} is not loaded with '{sorted(unknown)[0]}'; "
                f"valid: {', '.join(signature(thing.load).parameters) or 'no option at all'}"
            )
        return thing.load(**given)
    return thing if entry.kind == "tool" else thing(**given)


def unload() -> None:
    """Forget all loaded models, so that their memory can be freed."""
    load.cache_clear()
