"""The base of every network here: diffusers' ModelMixin and ConfigMixin.

A machine that only trains may lack diffusers; then a stand-in keeps the constructor's arguments in `config`, and the weights
are exported where diffusers is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from torch import nn

if TYPE_CHECKING:
    from diffusers.configuration_utils import ConfigMixin, register_to_config
    from diffusers.models.modeling_utils import ModelMixin
else:
    try:
        from diffusers.configuration_utils import ConfigMixin, register_to_config
        from diffusers.models.modeling_utils import ModelMixin
    except (ImportError, RuntimeError):
        from functools import wraps
        from inspect import signature
        from types import SimpleNamespace

        class ModelMixin(nn.Module):
            """Stand-in."""

        class ConfigMixin:
            """Stand-in."""

        def register_to_config(init: Any) -> Any:
            """Keeps the arguments of a constructor in `config`."""

            @wraps(init)
            def wrapper(self: Any, *args: Any, **kwargs: Any) -> None:
                bound = signature(init).bind(self, *args, **kwargs)
                bound.apply_defaults()
                init(self, *args, **kwargs)
                self.config = SimpleNamespace(**{k: v for k, v in bound.arguments.items() if k != "self"})

            return wrapper


class Network(ModelMixin, ConfigMixin):  # type: ignore[misc]  # both define config_name
    """A diffusers model with a config; `save_pretrained` and `from_pretrained` come from there."""

    config: Any


def zero(layer: Any) -> None:
    """Zero weights, so that a branch adds nothing at first."""
    nn.init.zeros_(layer.weight)


__all__ = ["ModelMixin", "Network", "register_to_config", "zero"]
