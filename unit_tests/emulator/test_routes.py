"""The table of routes and its evidence."""

import pytest

from activecampaign_emulator.routes import ROUTES
from unit_tests.emulator.account import Driver

ASSUMED = {
    "GET /",
    "GET /contactLists",
    "GET /contacts/<number>/bounceLogs",
    "GET /fieldRels",
    "GET /settings/account",
    "GET /visit",
}


def test_every_route_names_its_evidence() -> None:
    """And the routes that rest on an assumption are these."""
    assert {route.evidence for route in ROUTES} == {"recorded", "documented", "assumed"}
    assert {f"{route.method} {route.template}" for route in ROUTES if route.evidence == "assumed"} == ASSUMED


def test_an_assumption_is_explained() -> None:
    """A route without a source says what is known."""
    assert all(route.note for route in ROUTES if route.evidence == "assumed")


def test_the_control_lists_the_routes(account: Driver) -> None:
    """For the report of what the emulator rests on."""
    listed = account.control("GET", "routes")["routes"]
    assert len(listed) == len(ROUTES)
    assert set(listed[0]) == {"method", "path", "evidence", "note"}


def test_no_operation_is_there_twice() -> None:
    """A second function for a path would never be called."""
    assert len({(route.method, route.template) for route in ROUTES}) == len(ROUTES)


@pytest.mark.parametrize("path", ["/nonsense", "/contact", "/webhok"])
def test_a_path_that_activecampaign_lacks_is_an_html_404(account: Driver, path: str) -> None:
    """As a wrong base URL gets."""
    reply = account.send("GET", path)
    assert (reply.status, reply.headers["Content-Type"]) == (404, "text/html; charset=UTF-8")


@pytest.mark.parametrize("path", ["/deals", "/accounts/1", "/ecomOrders", "/webhooks", "/contacts/1/scoreValues"])
def test_a_path_that_only_we_lack_is_501(account: Driver, path: str) -> None:
    """It must not look like an answer of ActiveCampaign."""
    assert account.send("GET", path).status == 501


def test_a_trailing_slash_is_accepted(account: Driver) -> None:
    """As clients that use one prove; the root of the API answers too."""
    assert account.send("GET", "/contacts/").status == 200
    assert account.send("GET", "/").status == 200
    assert account.send("GET", "").status == 200


def test_another_method_is_405(account: Driver) -> None:
    """And not a missing path."""
    assert account.send("PATCH", "/contacts/1").status == 405
