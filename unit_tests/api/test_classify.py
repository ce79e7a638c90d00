"""What each answer means, shape by shape."""

from __future__ import annotations

from typing import Any

import pytest

from destination_activecampaign.api.classify import (
    Forbidden,
    HtmlAnswer,
    ImportsLimited,
    NoSuchRoute,
    classify,
    classify_event,
    classify_text,
    classify_visit,
    is_duplicate,
)
from destination_activecampaign.errors import (
    ActiveCampaignError,
    AuthenticationError,
    ConfigError,
    NotFound,
    RateLimited,
    RequestRefused,
    ServerError,
)
from unit_tests.api.fakes import EMAIL, answer

NOW = 1_700_000_000.0
ROUTE = "GET /things/{id}"
HTML = "<!DOCTYPE html><html><body>canary</body></html>"


def read(status: int, body: object = None, headers: dict[str, str] | None = None, expects: str | None = None) -> Any:
    """Classify one answer."""
    return classify(ROUTE, answer(status, body, headers), expects, now=NOW)


@pytest.mark.parametrize("content_type", ["application/json", "text/html; charset=UTF-8", "text/plain"])
def test_json_is_json_whatever_its_content_type(content_type: str) -> None:
    """The body is looked at, never the header: imports are answered as text/html."""
    assert read(200, {"a": 1}, {"Content-Type": content_type}, "a") == {"a": 1}


@pytest.mark.parametrize(("status", "body"), [(200, {}), (204, None), (200, []), (201, {"a": 1}), (200, "\ufeff{}")])
def test_any_answer_will_do_where_nothing_is_expected(status: int, body: object) -> None:
    """A deletion says little."""
    assert isinstance(read(status, body), dict)


@pytest.mark.parametrize(
    ("status", "body", "expects", "error"),
    [
        (200, HTML, "a", HtmlAnswer),
        (200, HTML, None, HtmlAnswer),
        (200, "plain canary", "a", HtmlAnswer),
        (200, None, "a", ServerError),
        (200, {"canary": 1}, "a", ServerError),
        (200, ["canary"], "a", ServerError),
        (200, '{"a": "canary', "a", HtmlAnswer),
        (200, "[" * 100_000, "a", HtmlAnswer),
        (301, HTML, "a", ConfigError),
        (302, None, "a", ConfigError),
        (307, None, "a", ConfigError),
        (308, None, "a", ConfigError),
        (401, {"message": "canary"}, "a", AuthenticationError),
        (402, None, "a", ConfigError),
        (403, {"message": "Forbidden"}, "a", Forbidden),
        (403, {"errors": [{"status": 403, "title": "Forbidden", "detail": "canary"}]}, "a", Forbidden),
        (403, None, "a", Forbidden),
        (404, {"message": "No Result found for Subscriber with id canary"}, "a", NotFound),
        (404, HTML, "a", NoSuchRoute),
        (404, None, "a", NoSuchRoute),
        (400, {"errors": [{"title": "canary", "source": {"parameter": "contactTag.tag"}}]}, "a", RequestRefused),
        (400, {"errors": "canary"}, "a", RequestRefused),
        (400, {"success": 0, "message": "JSON payload canary", "failureReasons": []}, None, RequestRefused),
        (400, {"success": 0, "message": "Rate limit exceeded.", "failureReasons": ["canary"]}, None, ImportsLimited),
        (400, HTML, None, RequestRefused),
        (409, {"errors": [{"title": "canary"}]}, None, RequestRefused),
        (422, {"errors": [{"title": "canary", "code": "email_invalid"}]}, None, RequestRefused),
        (408, None, "a", ServerError),
        (425, None, "a", ServerError),
        (429, None, "a", RateLimited),
        (500, {"message": "Could not process request", "error": "Duplicate entry 'canary' for key"}, "a", ServerError),
        (502, {"cloudflare_error": True, "retry_after": 60, "detail": "canary"}, "a", ServerError),
        (503, HTML, "a", ServerError),
        (504, HTML, "a", ServerError),
        (520, HTML, "a", ServerError),
        (590, None, "a", ServerError),
        (999, None, "a", ServerError),
    ],
)
def test_every_shape_has_its_error(status: int, body: object, expects: str | None, error: type[Exception]) -> None:
    """The class is exact, and the message names the route and nothing of the body."""
    with pytest.raises(ActiveCampaignError) as caught:
        read(status, body, {"X-Canary": "canary"}, expects)
    assert type(caught.value) is error
    assert ROUTE in caught.value.message
    assert "canary" not in str(caught.value)
    assert EMAIL not in str(caught.value)


@pytest.mark.parametrize("status", [301, 404])
def test_a_wrong_url_says_where_the_right_one_is(status: int) -> None:
    """The user can fix it from the message alone."""
    with pytest.raises(ConfigError, match="Settings > Developer"):
        read(status, HTML)


@pytest.mark.parametrize(
    ("header", "named"), [("Code 9001", "(Code 9001)"), ("canary@example.com", "body."), ("<b>", "body.")]
)
def test_an_empty_answer_names_the_code_of_its_header(header: str, named: str) -> None:
    """`X-Ac-Error` is told if it looks like a code; it fails even where nothing is expected."""
    with pytest.raises(ServerError) as caught:
        read(200, None, {"x-ac-error": header})
    assert named in caught.value.message
    assert "canary" not in caught.value.message


@pytest.mark.parametrize(
    ("headers", "body", "seconds"),
    [
        ({"Retry-After": "30"}, None, 30.0),
        ({"retry-after": "0.5"}, None, 0.5),
        ({"Retry-After": "Tue, 14 Nov 2023 22:15:20 GMT"}, None, 120.0),
        ({"Retry-After": "Tue, 14 Nov 2023 22:00:00 GMT"}, None, 0.0),
        ({"Retry-After": "-5"}, None, 0.0),
        ({"Retry-After": "soon"}, None, None),
        ({"Retry-After": "nan"}, None, None),
        ({"Retry-After": "inf"}, None, None),
        ({}, {"retry_after": 60}, 60.0),
        ({}, {"retry_after": None}, None),
        ({}, HTML, None),
        ({}, None, None),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_a_pause_is_read_wherever_it_stands(
    status: int, headers: dict[str, str], body: object, seconds: float | None
) -> None:
    """Seconds, a date, or Cloudflare's body."""
    with pytest.raises((RateLimited, ServerError)) as caught:
        read(status, body, headers)
    assert vars(caught.value)["retry_after"] == seconds


def test_the_limit_of_imports_waits_a_minute() -> None:
    """Its quota is counted per minute."""
    with pytest.raises(ImportsLimited) as caught:
        read(400, {"message": "Rate limit exceeded."})
    assert caught.value.retry_after == 60


def test_a_refusal_carries_codes_status_and_body() -> None:
    """Its caller decides by code; what looks like no code is left out."""
    body = {"errors": [{"code": "duplicate"}, {"code": "Canary 1"}, {"code": 5}, "x", {"code": "duplicate"}]}
    with pytest.raises(RequestRefused) as caught:
        read(422, body)
    refused = caught.value
    assert (refused.status, refused.codes, refused.body) == (422, ("duplicate",), body)
    assert "HTTP 422, duplicate" in refused.message


@pytest.mark.parametrize(
    ("error", "duplicate"),
    [
        (RequestRefused("x", 422, ("duplicate",)), True),
        (RequestRefused("x", 409), True),
        (RequestRefused("x", 422, ("field_missing",)), False),
        (ServerError("x"), False),
    ],
)
def test_a_duplicate_is_known(error: ActiveCampaignError, *, duplicate: bool) -> None:
    """By code, or by 409."""
    assert is_duplicate(error) is duplicate


@pytest.mark.parametrize("body", ['{"success":1}', '{"success":"1","message":"x"}', '{"success":true}', "1", " 1\n"])
def test_an_event_was_taken(body: str) -> None:
    """JSON or a bare 1: sources differ."""
    classify_event("POST /event", answer(200, body), now=NOW)


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (200, {"success": 0, "message": "An account ID must be provided."}, "actid"),
        (200, {"success": 0, "message": "Invalid key canary"}, "event_key"),
        (200, {"success": 0, "message": "Event tracking is not enabled"}, "is off"),
        (200, {"success": 0, "message": "canary"}, "not taken."),
        (200, "0", "not taken."),
        (200, HTML, "not taken."),
        (200, None, "not taken."),
        (200, [1], "not taken."),
        (400, {}, "HTTP 400"),
        (403, {"success": 1}, "HTTP 403"),
    ],
)
def test_an_event_was_not_taken(status: int, body: object, said: str) -> None:
    """All else is a failure, in our own words."""
    with pytest.raises(RequestRefused) as caught:
        classify_event("POST /event", answer(status, body), now=NOW)
    assert said in caught.value.message
    assert "canary" not in caught.value.message


@pytest.mark.parametrize(("status", "error"), [(500, ServerError), (429, RateLimited), (302, ConfigError)])
def test_an_event_that_may_pass_is_told_apart(status: int, error: type[Exception]) -> None:
    """The tracker's own failures are transient."""
    with pytest.raises(error):
        classify_event("POST /event", answer(status, HTML), now=NOW)


def test_any_2xx_is_a_visit() -> None:
    """The beacon says nothing."""
    classify_visit("GET /visit", answer(200, "canary"), now=NOW)


@pytest.mark.parametrize(("status", "error"), [(404, RequestRefused), (502, ServerError), (301, ConfigError)])
def test_a_visit_that_failed(status: int, error: type[Exception]) -> None:
    """Other statuses mean what they mean elsewhere."""
    with pytest.raises(error):
        classify_visit("GET /visit", answer(status, HTML), now=NOW)


def test_text_is_returned_as_it_is() -> None:
    """The tracking code is a script."""
    assert classify_text(ROUTE, answer(200, "<script>x</script>"), now=NOW) == "<script>x</script>"


def test_a_login_page_is_no_text() -> None:
    """A wrong key answers 200 with a page."""
    with pytest.raises(HtmlAnswer):
        classify_text(ROUTE, answer(200, "\n" + HTML), now=NOW)


def test_a_text_that_is_not_utf8_is_read_as_far_as_it_goes() -> None:
    """The account's number in it is ASCII."""
    assert classify_text(ROUTE, answer(200, b"x \xff y"), now=NOW) == "x \ufffd y"


@pytest.mark.parametrize("body", [{"success": 2}, {"success": 0, "message": "x"}, [1], 0])
def test_a_refused_event_carries_its_answer(body: object) -> None:
    """Its caller may look for more than the message tells."""
    with pytest.raises(RequestRefused) as caught:
        classify_event("POST /event", answer(200, body), now=NOW)
    assert caught.value.body == body


def test_a_page_instead_of_an_events_answer_is_no_body() -> None:
    """It is not JSON."""
    with pytest.raises(RequestRefused) as caught:
        classify_event("POST /event", answer(200, HTML), now=NOW)
    assert caught.value.body is None


def test_a_refusal_without_codes_names_the_status_alone() -> None:
    """And a page is no body."""
    with pytest.raises(RequestRefused) as caught:
        read(400, HTML)
    assert caught.value.message == f"{ROUTE}: ActiveCampaign refused the request (HTTP 400)."
    assert caught.value.body is None


def test_codes_of_a_refusal_are_listed() -> None:
    """Each once."""
    with pytest.raises(RequestRefused, match=r"\(HTTP 422, duplicate, field_missing\)"):
        read(422, {"errors": [{"code": "duplicate"}, {"code": "field_missing"}]})
