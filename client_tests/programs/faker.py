"""Airbyte's invented people and purchases become contacts and events, with PyAirbyte's cache or without."""

from __future__ import annotations

import airbyte as ab
from shared import GIVEN, activecampaign, answer, faker

source = faker(GIVEN["count"])
destination = activecampaign()
destination.validate_config()
destination.check()
cache = ab.new_local_cache("rows", cache_dir="rows")
states = ab.new_local_cache("states", cache_dir="states")

delivered = []
if GIVEN["mode"] == "streaming":
    # The cache keeps the STATEs alone.
    syncs = [destination.write(source, cache=False, state_cache=states) for _ in range(2)]
    delivered = [sync.processed_records for sync in syncs]
    source.read(cache=cache)
else:
    # Contacts first: PyAirbyte goes through the streams of a cache in no certain order.
    for name in ("users", "purchases", "purchases"):
        read = source.read(cache=cache, streams=[name])
        delivered.append(destination.write(read, state_cache=False).processed_records)

answer(
    {
        "delivered": delivered,
        "users": [
            {"email": row["email"].lower(), "name": row["name"], "city": row["address"]["city"]}
            for row in cache.run_sql_query("select email, name, address from users")
        ],
        "purchases": [
            dict(row)
            for row in cache.run_sql_query(
                "select lower(email) as email, product_id from purchases join users on user_id = users.id"
            )
        ],
    }
)
