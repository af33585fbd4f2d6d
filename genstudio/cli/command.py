"""What every command checks before it runs: no option is empty."""

from __future__ import annotations

from typing import Any

import typer
from typer.core import TyperCommand

from genstudio.errors import InputError

_SAID = ("text", "prompt", "expression")  # arguments whose own check says what is missing


class Command(TyperCommand):
    """A command that takes no empty option or path: a script's unset variable would silently be the default or this folder."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """As click's; raises InputError in one line for `--voice ""`."""
        if "" in args or any(word.startswith("-") and word.endswith("=") for word in args):
            given, _, _ = self.make_parser(ctx).parse_args(args=list(args))
            for parameter in self.get_params(ctx):
                value = given.get(str(parameter.name))
                if "" in (value if isinstance(value, (list, tuple)) else [value]):
                    self._refuse(parameter, ctx)
        return super().parse_args(ctx, args)

    @staticmethod
    def _refuse(parameter: Any, ctx: Any) -> None:
        if parameter.param_type_name == "option":
            raise InputError(f"{max(parameter.opts, key=len)} is empty; give it a value or leave it out")
        if parameter.name not in _SAID:
            raise InputError(f"{parameter.name} is empty (see '{ctx.command_path} --help')")


class App(typer.Typer):
    """A group of such commands."""

    def command(self, name: str | None = None, *, cls: type[TyperCommand] | None = None, **settings: Any) -> Any:
        """As Typer's."""
        return super().command(name, cls=cls or Command, **settings)
