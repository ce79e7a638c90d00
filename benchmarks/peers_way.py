"""A client that writes contacts as other integrations do: one at a time, several requests for each.

As RudderStack's and hotglue's do, for each row: upsert the contact, read the account's tags, add each tag, set each list,
and upsert once more with the custom fields, whose ids it looks up once. It sends evenly, as fast as the quota allows, so that
it loses nothing to refusals.

Prints one JSON line: when it began and when it was done with each row (monotonic seconds).
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any, Final

import requests

from benchmarks.rows import Json, identify

INTERVAL: Final = 0.205
"""Seconds between two requests: five a second, as documented, and a little more, as a request may be late on its way and the
next one not."""

TOO_MANY: Final = 429


class Client:
    """One account, at its quota."""

    def __init__(self, url: str, key: str) -> None:
        self._url = f"{url}/api/3"
        self._session = requests.Session()
        self._session.headers["Api-Token"] = key
        self._next = 0.0

    def send(self, method: str, path: str, body: Json | None = None, **params: Any) -> Json:
        """Return the answer; wait where ActiveCampaign says so, raise where it refuses."""
        while True:
            time.sleep(max(0.0, self._next - time.monotonic()))
            self._next = max(self._next, time.monotonic()) + INTERVAL
            answer = self._session.request(method, self._url + path, json=body, params=params, timeout=30)
            if answer.status_code != TOO_MANY:
                answer.raise_for_status()
                parsed: Json = answer.json()
                return parsed
            time.sleep(float(answer.headers.get("Retry-After", 1)))

    def fields(self) -> dict[str, str]:
        """Return the ids of the custom fields."""
        return {field["perstag"].lower(): field["id"] for field in self.send("GET", "/fields", limit=100)["fields"]}

    def write(self, row: Json, fields: dict[str, str]) -> None:
        """Write one row."""
        basics = {"email": row["email"], "firstName": row["first_name"], "lastName": row["last_name"]}
        contact = self.send("POST", "/contact/sync", {"contact": basics})["contact"]["id"]
        known = {tag["tag"]: tag["id"] for tag in self.send("GET", "/tags", limit=100)["tags"]}
        for name in row["tags"]:
            self.send("POST", "/contactTags", {"contactTag": {"contact": contact, "tag": known[name]}})
        for one in row["lists"]:
            self.send("POST", "/contactLists", {"contactList": {"contact": contact, "list": one["id"], "status": 1}})
        values = [{"field": number, "value": row[name]} for name, number in fields.items()]
        self.send("POST", "/contact/sync", {"contact": {"email": row["email"], "fieldValues": values}})


def main() -> None:
    """Write so many rows: URL, key and count are the arguments."""
    url, key, count = sys.argv[1:]
    client = Client(url, key)
    fields = client.fields()
    times = [time.monotonic()]
    for number in range(int(count)):
        client.write(identify(number, "peer"), fields)
        times.append(time.monotonic())
    sys.stdout.write(json.dumps(times) + "\n")


if __name__ == "__main__":
    main()
