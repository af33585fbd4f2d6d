"""`--load` in plain words."""

from __future__ import annotations

import pytest

from genstudio.cli import run
from genstudio.cli.loading import folded, load_options
from genstudio.errors import InputError

IMAGE, VOICE = "image:diffusers:x/y", "speech:transformers:x/y"


@pytest.mark.parametrize(
    ("words", "options"),
    [
        (["dtype=float16"], {"dtype": "float16"}),
        (["torch_dtype=torch.float16", "device_map=auto"], {"dtype": "float16", "offload": True}),
        (["torch_dtype=half device_map=cuda:1"], {"dtype": "float16", "device": "cuda:1"}),
        (["dtype=bf16, offload=yes"], {"dtype": "bfloat16", "offload": True}),
        (["offload=false", "allow-pickle=true"], {"offload": False, "allow_pickle": True}),
        (["lora=my folder, with commas/x.safetensors"], {"lora": "my folder, with commas/x.safetensors"}),
        (["sha256=123"], {"sha256": "123"}),
        (['scheduler="DDIMScheduler"'], {"scheduler": "DDIMScheduler"}),
    ],
)
def test_plain_words_become_what_the_engine_takes(words, options) -> None:
    assert load_options(IMAGE, words) == options


@pytest.mark.parametrize(
    ("word", "line"),
    [
        ("offload=maybe", "--load offload takes yes or no; got 'maybe'"),
        ("float16", "--load takes NAME=VALUE, such as dtype=float16; got 'float16'"),
        ("dtype=", "--load dtype= has no value"),
        ("detype=float16", "is not loaded with 'detype'; valid: dtype, .*; did you mean 'dtype'"),
        ("spec=other", "is not loaded with 'spec'"),
    ],
)
def test_a_bad_word_is_one_line(word, line) -> None:
    with pytest.raises(InputError, match=line) as error:
        load_options(IMAGE, [word])
    assert "\n" not in str(error.value)


def test_layers_keep_their_commas() -> None:
    assert load_options(VOICE, ["layers=a.1,b.2"]) == {"layers": "a.1,b.2"}


def test_what_follows_load_belongs_to_it() -> None:
    assert folded(["speak", "a=b", "--load", "dtype=half", "offload=yes", "a text", "c=d"]) == [
        "speak", "a=b", "--load", "dtype=half", "--load", "offload=yes", "a text", "c=d"
    ]  # fmt: skip
    assert folded(["--load", "a=1", "--load", "b=2", "-o", "x=1"]) == ["--load", "a=1", "--load", "b=2", "-o", "x=1"]


def test_the_command_line_says_it_in_one_line(capsys) -> None:
    words = ["paint", "a lake", "--engine", "diffusers:x/y", "--load", "dtype=float16", "offload=perhaps"]
    assert run(words) == 2
    assert capsys.readouterr().err.strip() == "error: --load offload takes yes or no; got 'perhaps'"
