"""Brings rows of a warehouse into ActiveCampaign: an Airbyte destination."""

from importlib import import_module
from typing import Any

__all__ = ["DestinationActiveCampaign"]


def __getattr__(name: str) -> Any:
    """Import the connector's class, which `airbyte-cdk connector test` looks for here, when somebody asks for it.

    The class needs the CDK, which takes a second to import: `run` must listen to SIGTERM before that.
    """
    if name in __all__:
        return getattr(import_module("destination_activecampaign.destination"), name)
    raise AttributeError(name)


def __dir__() -> list[str]:
    """Name the class too."""
    return sorted({*globals(), *__all__})
