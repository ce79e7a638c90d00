"""What users paste as the API URL."""

from __future__ import annotations

import pytest

from destination_activecampaign.api.client import normalise_api_url
from destination_activecampaign.errors import ConfigError


@pytest.mark.parametrize(
    ("pasted", "base"),
    [
        ("https://acme.api-us1.com", "https://acme.api-us1.com"),
        ("  https://acme.api-us1.com/\n", "https://acme.api-us1.com"),
        ("https://acme.api-us1.com/api/3", "https://acme.api-us1.com"),
        ("https://acme.api-us1.com/api/3/", "https://acme.api-us1.com"),
        ("HTTPS://Acme.api-us1.com", "https://acme.api-us1.com"),
        ("https://crm.example.com:8443", "https://crm.example.com:8443"),
        ("http://localhost:8080", "http://localhost:8080"),
        ("http://127.0.0.1:8080/api/3", "http://127.0.0.1:8080"),
        ("http://[::1]:8080", "http://[::1]:8080"),
    ],
)
def test_one_form_comes_of_all_spellings(pasted: str, base: str) -> None:
    """Blanks, slashes and /api/3 make no difference."""
    assert normalise_api_url(pasted) == base


@pytest.mark.parametrize(
    "pasted",
    [
        "",
        "acme",
        "acme.api-us1.com",
        "http://acme.api-us1.com",
        "ftp://acme.api-us1.com",
        "file:///etc/passwd",
        "https://",
        "https://canary:pass@acme.api-us1.com",
        "https://canary@acme.api-us1.com",
        "https://acme.api-us1.com?x=canary",
        "https://acme.api-us1.com/#canary",
        "https://acme.api-us1.com/canary",
        "https://acme.api-us1.com\\@canary",
        "https://169.254.169.254",
        "https://[fe80::1]",
        "https://[::ffff:169.254.169.254]",
        "https://0xA9FEA9FE",
        "http://0.0.0.0:80",
        "https://acme.api-us1.com:canary",
        "https://[canary",
        "https://ac me.com",
    ],
)
def test_what_is_no_account_is_refused(pasted: str) -> None:
    """The message says where the URL is found, and does not repeat what was pasted."""
    with pytest.raises(ConfigError, match="Settings > Developer") as caught:
        normalise_api_url(pasted)
    assert "canary" not in str(caught.value)
