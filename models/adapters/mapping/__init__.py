"""The trained lever: a network from prompt embedding and emotion to a new prompt embedding, as in EmotiCrafter (2025)."""

from .lever import PromptMapping

__all__ = ["PromptMapping"]
