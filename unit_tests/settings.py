"""Settings as users give them, and what is said of those that are wrong."""

from __future__ import annotations

from typing import Any

import pytest

from destination_activecampaign.config import Config
from destination_activecampaign.errors import ConfigError


def settings(**changes: Any) -> dict[str, Any]:
    """Return the two settings that everyone gives, with *changes*."""
    return {"api_url": "https://acme.api-us1.com", "api_key": "k3y-of-acme", **changes}


def s3_settings(**changes: Any) -> dict[str, Any]:
    """Return what everyone gives who keeps rejected rows in S3, with *changes*."""
    required = {"s3_bucket_name": "rows", "s3_bucket_region": "eu-central-1", "bucket_path": "a/b"}
    return {"storage_type": "S3", **required, "format": {"format_type": "JSONL"}, **changes}


def refusal(config: Any) -> str:
    """Return what the user is told about *config*."""
    with pytest.raises(ConfigError) as refused:
        Config.from_mapping(config)
    return refused.value.message
