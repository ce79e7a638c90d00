"""One request: what goes out, what is doubted, what is tried again; and pages."""

from __future__ import annotations

import math
import threading
import time
from typing import TYPE_CHECKING

import pytest

from destination_activecampaign.api.client import Client, Request
from destination_activecampaign.api.clock import Stop, SystemClock
from destination_activecampaign.api.quotas import Lane, Quotas
from destination_activecampaign.errors import (
    ActiveCampaignError,
    AuthenticationError,
    ConfigError,
    ConnectionFailed,
    NotFound,
    ServerError,
    TransientError,
)
from unit_tests.api.fakes import EMAIL, KEY, FakeClock, FakeTransport, answer

if TYPE_CHECKING:
    from destination_activecampaign.api.transport import HttpRequest, HttpResponse

HTML = "<html>login</html>"
ME = answer(200, {"user": {"id": "1"}})
GET = Request("GET", "/lists", expects="lists")
LISTS = answer(200, {"lists": []})


def an_impatient_client(transport: FakeTransport, quotas: Quotas, clock: FakeClock) -> Client:
    """Make the client of a `check`."""
    return Client("https://acme.api-us1.com", KEY, transport, quotas, clock, lambda: 1.0, patient=False)


def test_a_request_is_built_of_its_parts(client: Client, transport: FakeTransport) -> None:
    """Path and query are percent-encoded, `+` too; the key is in its header."""
    transport.script.append(answer(200, {}))
    client.send(Request("GET", "/contacts/{id}/x/{name}", (5, "a/b"), (("email", EMAIL), ("filters[a]", "b c"))))
    sent = transport.sent[0]
    assert sent.url == (
        "https://acme.api-us1.com/api/3/contacts/5/x/a%2Fb?email=canary.person%2Btag%40example.com&filters%5Ba%5D=b%20c"
    )
    assert (sent.route, sent.body, sent.headers) == (
        "/contacts/{id}/x/{name}",
        None,
        {"Accept": "application/json", "Api-Token": KEY},
    )


def test_a_body_names_its_type(client: Client, transport: FakeTransport) -> None:
    """JSON unless the request says otherwise."""
    transport.script.append(answer(200, {}))
    client.send(Request("POST", "/tags", body=b"{}"))
    assert transport.sent[0].headers["Content-Type"] == "application/json"


def test_another_host_never_sees_the_key(client: Client, transport: FakeTransport) -> None:
    """The key belongs to the API."""
    transport.script.append(answer(200, {}))
    client.send(Request("GET", "/visit", base="https://trackcmp.net", lane=Lane.TRACKING))
    assert KEY not in str(transport.sent[0].headers)
    assert transport.sent[0].url == "https://trackcmp.net/visit"


def test_the_key_is_masked(client: Client) -> None:
    """A client may be printed."""
    assert KEY not in repr(client)
    assert EMAIL not in repr(Request("GET", "/contacts", params=(("email", EMAIL),)))


@pytest.mark.parametrize("key", ["", "  ", "ab\ncd", "käse", "a b"])
def test_what_is_no_key_is_refused(transport: FakeTransport, quotas: Quotas, clock: FakeClock, key: str) -> None:
    """Before anything is sent."""
    with pytest.raises(ConfigError, match="API key"):
        Client("https://acme.api-us1.com", key, transport, quotas, clock, lambda: 1.0)


def test_what_may_pass_is_tried_again(client: Client, transport: FakeTransport) -> None:
    """A failing server, a broken connection, a limit."""
    transport.script.extend([answer(502), ConnectionFailed("x"), answer(429, None, {"Retry-After": "2"}), LISTS])
    assert client.send(GET) == {"lists": []}
    assert (client.usage().retries, client.usage().limit_answers) == (3, 1)
    assert client.usage().requests[Lane.SINGLE] == 4


def test_a_limit_pauses_the_whole_client(client: Client, transport: FakeTransport, quotas: Quotas) -> None:
    """Other threads learn of it through the quotas."""
    transport.script.extend([answer(429, None, {"Retry-After": "700"}), LISTS])
    with pytest.raises(TransientError, match="700 s"):
        client.send(GET)
    assert quotas.import_due() == pytest.approx(700, abs=1)


def test_the_limit_of_imports_pauses_imports(client: Client, transport: FakeTransport, quotas: Quotas) -> None:
    """The 400 of imports is no refusal."""
    transport.script.extend([answer(400, {"success": 0, "message": "Rate limit exceeded."}), answer(200, {})])
    client.send(Request("POST", "/import/bulk_import", body=b"{}", lane=Lane.IMPORT))
    assert quotas.taken()[Lane.IMPORT] == 2
    assert quotas.waited(Lane.SINGLE) == 0


def test_the_deadline_of_one_request_can_be_shorter(client: Client, transport: FakeTransport) -> None:
    """A check does not wait half an hour."""
    transport.by = lambda _: answer(503)
    with pytest.raises(ServerError, match="Tried 3 times"):
        client.send(GET, deadline_seconds=5)


def test_a_request_that_is_not_safe_is_sent_once(client: Client, transport: FakeTransport) -> None:
    """Its answer was lost: its caller decides."""
    transport.script.append(ConnectionFailed("x"))
    with pytest.raises(ConnectionFailed):
        client.send(Request("POST", "/x", safe_to_repeat=False))
    assert len(transport.sent) == 1


def test_a_page_while_the_key_works_is_a_failure_that_passes(client: Client, transport: FakeTransport) -> None:
    """HTML where JSON was due, then the key is proved, then the request succeeds."""
    transport.script.extend([answer(200, HTML), ME, LISTS])
    client.send(GET)
    assert [sent.route for sent in transport.sent] == ["/lists", "/users/me", "/lists"]


def test_a_page_while_the_key_fails_is_a_wrong_key(transport: FakeTransport, quotas: Quotas, clock: FakeClock) -> None:
    """A wrong key answers with the login page."""
    transport.by = lambda _: answer(200, HTML)
    with pytest.raises(AuthenticationError, match="does not accept the API key"):
        an_impatient_client(transport, quotas, clock).send(GET)
    assert len(transport.sent) == 2


def test_a_wrong_key_is_found_by_users_me_alone(transport: FakeTransport, quotas: Quotas, clock: FakeClock) -> None:
    """No second request is needed."""
    transport.script.append(answer(200, HTML))
    with pytest.raises(AuthenticationError):
        an_impatient_client(transport, quotas, clock).check_key()


def test_a_key_that_works_is_proved(client: Client, transport: FakeTransport) -> None:
    """`users/me` answers with a user."""
    transport.script.append(ME)
    client.check_key()


def test_a_403_that_passes_is_none(client: Client, transport: FakeTransport, clock: FakeClock) -> None:
    """Three tries over 30 seconds."""
    transport.script.extend([answer(403), answer(403), LISTS])
    began = clock.now
    client.send(GET)
    assert clock.now - began == pytest.approx(30, abs=1)


def test_a_403_that_stays_while_the_key_works_is_a_right(client: Client, transport: FakeTransport) -> None:
    """The message names what the user may not do."""
    transport.script.extend([answer(403), answer(403), answer(403), ME])
    with pytest.raises(AuthenticationError, match="may not do this: GET /lists"):
        client.send(GET)


def test_a_403_that_stays_while_the_key_fails_is_a_wrong_key(client: Client, transport: FakeTransport) -> None:
    """`users/me` is refused too."""
    transport.by = lambda _: answer(403)
    with pytest.raises(AuthenticationError, match="does not accept the API key"):
        client.send(GET)


def test_a_check_does_not_wait_for_a_403(transport: FakeTransport, quotas: Quotas, clock: FakeClock) -> None:
    """It tells at once."""
    transport.script.extend([answer(403), ME])
    with pytest.raises(AuthenticationError, match="GET /lists"):
        an_impatient_client(transport, quotas, clock).send(GET)
    assert clock.slept < 1


def test_an_optional_route_is_not_doubted(client: Client, transport: FakeTransport, clock: FakeClock) -> None:
    """What an account may lack is known after one request."""
    transport.script.append(answer(403))
    with pytest.raises(AuthenticationError):
        client.send(Request("GET", "/x", optional=True))
    assert clock.slept == 0


def test_a_404_page_at_first_contact_is_a_wrong_url(client: Client, transport: FakeTransport) -> None:
    """There is no API there."""
    transport.script.append(answer(404, HTML))
    with pytest.raises(ConfigError, match="Check the API URL"):
        client.send(GET)


def test_a_404_page_later_passes(client: Client, transport: FakeTransport) -> None:
    """A URL that answered once is right."""
    transport.script.extend([LISTS, answer(404, HTML), ME, LISTS])
    client.send(GET)
    client.send(GET)


def test_a_404_in_json_is_about_the_object(client: Client, transport: FakeTransport) -> None:
    """It is not tried again."""
    transport.script.append(answer(404, {"message": "No Result found"}))
    with pytest.raises(NotFound):
        client.send(GET)


def test_text_is_read_as_text(client: Client, transport: FakeTransport) -> None:
    """One route answers with a script."""
    transport.script.append(answer(200, "<script>"))
    assert client.text(Request("GET", "/siteTracking/code")) == "<script>"


def test_a_stopped_client_refuses(client: Client, transport: FakeTransport) -> None:
    """Nothing new is sent."""
    client.stop()
    with pytest.raises(TransientError, match="was stopped"):
        client.send(GET)
    assert not transport.sent


def test_a_stop_lets_the_request_on_the_wire_end(client: Client, transport: FakeTransport) -> None:
    """Its answer is returned."""

    def reply(_: HttpRequest) -> HttpResponse:
        client.stop()
        return LISTS

    transport.by = reply
    assert client.send(GET) == {"lists": []}


@pytest.mark.parametrize("status", [403, 429, 503])
def test_a_stop_ends_every_wait_in_time(transport: FakeTransport, status: int) -> None:
    """Backoff, doubt and quota alike, in real time."""
    clock, stop = SystemClock(), Stop()
    quotas = Quotas(clock=clock, random=lambda: 1.0)
    client = Client("https://acme.api-us1.com", KEY, transport, quotas, clock, lambda: 1.0, stop=stop)
    transport.by = lambda _: answer(status)
    threading.Timer(0.05, client.stop).start()
    began = time.monotonic()
    with pytest.raises(TransientError, match="was stopped"):
        client.send(GET)
    assert time.monotonic() - began < 0.25


@pytest.mark.parametrize(
    "reply",
    [answer(status, body) for status in (200, 301, 400, 401, 402, 403, 404, 422) for body in (HTML, {"x": EMAIL})]
    + [answer(status, EMAIL) for status in (429, 500)],
)
def test_no_message_holds_a_value_or_the_key(
    transport: FakeTransport, quotas: Quotas, clock: FakeClock, reply: HttpResponse
) -> None:
    """Whatever the answer."""
    transport.by = lambda _: reply
    request = Request("GET", "/contacts", params=(("email", EMAIL),), body=EMAIL.encode(), expects="contacts")
    with pytest.raises(ActiveCampaignError) as caught:
        an_impatient_client(transport, quotas, clock).send(request, deadline_seconds=3)
    assert EMAIL not in repr(caught.value)
    assert KEY not in repr(caught.value)


def test_all_requests_together_have_a_deadline(transport: FakeTransport, quotas: Quotas, clock: FakeClock) -> None:
    """No request begins after it, and none is tried again beyond it."""
    client = Client("https://acme.api-us1.com", KEY, transport, quotas, clock, lambda: 1.0, total_seconds=100.0)
    transport.by = lambda _: answer(503)
    began = clock.now
    with pytest.raises(ServerError, match="Tried"):
        client.send(GET)
    assert clock.now - began <= 100.0
    clock.now = began + 100.0
    sent = len(transport.sent)
    with pytest.raises(TransientError, match="more than 100 s"):
        client.send(GET)
    assert len(transport.sent) == sent


def test_only_an_impatient_client_ends_a_try_at_its_deadline(
    client: Client, transport: FakeTransport, quotas: Quotas, clock: FakeClock
) -> None:
    """What a sync has sent it waits for: an answer that comes late still tells that an import was taken."""
    transport.by = lambda _: answer(200, {"lists": []})
    for each in (client, an_impatient_client(transport, quotas, clock)):
        each.send(GET, deadline_seconds=20.0)
    patient, impatient = (sent.seconds for sent in transport.sent)
    assert patient == math.inf
    assert 19.0 < impatient <= 20.0  # the quota's wait has passed
