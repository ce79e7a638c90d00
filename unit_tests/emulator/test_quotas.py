"""Quotas: the account's 5 requests a second and the imports' own."""

from unit_tests.emulator.account import Driver


def statuses(account: Driver, times: int) -> list[int]:
    """Ask so many times at one moment."""
    return [account.send("GET", "/users/me").status for _ in range(times)]


def test_the_sixth_request_in_a_second_is_429() -> None:
    """With Retry-After in whole seconds; nothing is done."""
    account = Driver(requests_per_second=5)
    assert statuses(account, 5) == [200] * 5
    reply = account.send("POST", "/contact/sync", {"contact": {"email": "a@b.co"}})
    assert (reply.status, reply.headers["Retry-After"]) == (429, "1")
    assert account.contact("a@b.co") is None


def test_the_window_slides() -> None:
    """A request counts for exactly one second; a refused one does not count."""
    account = Driver(requests_per_second=5)
    statuses(account, 3)
    account.clock.sleep(0.6)
    assert statuses(account, 3) == [200, 200, 429]
    account.clock.sleep(0.4)
    assert statuses(account, 4) == [200, 200, 200, 429]


def test_every_answer_tells_the_quota() -> None:
    """Errors too; the headers have no prefix."""
    account = Driver(requests_per_second=5)
    for path, remaining in (("/users/me", "4"), ("/contacts/9", "3"), ("/nonsense", "2")):
        headers = account.send("GET", path).headers
        assert (headers["RateLimit-Limit"], headers["RateLimit-Remaining"]) == ("5", remaining)


def test_without_a_quota_there_are_no_headers(account: Driver) -> None:
    """As in older recordings."""
    assert "RateLimit-Limit" not in account.send("GET", "/users/me").headers


def test_imports_have_a_quota_of_their_own() -> None:
    """100 a minute with several contacts, 20 with one; over it is a 400 that says so."""
    account = Driver(imports_per_minute=100, single_imports_per_minute=20)
    several = [account.submit({"email": "a@b.co"}, {"email": "c@b.co"}).status for _ in range(101)]
    single = [account.submit({"email": "a@b.co"}).status for _ in range(21)]
    assert several == [200] * 100 + [400]
    assert single == [200] * 20 + [400]
    body = account.submit({"email": "a@b.co"}).json()
    assert body["message"] == "Rate limit exceeded."
    assert "imports may be requested per minute" in body["failureReasons"][0]
    account.clock.sleep(60)
    assert account.submit({"email": "a@b.co"}).status == 200
    summary = account.control("GET", "summary")
    assert (summary["import_limit_400"], summary["rate_limited_429"]) == (3, 0)


def test_a_wrong_key_and_trackcmp_do_not_count() -> None:
    """Only requests of the account's API with its key use the quota."""
    account = Driver(requests_per_second=1)
    for _ in range(5):
        account.emulator.handle("GET", "/api/3/users/me")
        assert account.event("a@b.co", "x").status == 200
    assert account.send("GET", "/users/me").status == 200
    assert account.send("GET", "/users/me").status == 429
