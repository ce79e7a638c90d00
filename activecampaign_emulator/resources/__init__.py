"""One module per ActiveCampaign object: its bodies and its routes."""

from __future__ import annotations

import importlib
import pkgutil


def load_routes() -> None:
    """Import every resource module, which puts its routes in the table."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
