"""Views in a DuckDB warehouse, with columns in UPPER CASE, are brought in by Airbyte's source of files."""

from __future__ import annotations

from pathlib import Path

import airbyte as ab
from shared import GIVEN, activecampaign, answer, faker

VIEWS = {
    "IDENTIFIES": """
        select
            users.id::varchar as "USER_ID",
            email as "EMAIL",
            split_part(name, ' ', 1) as "FIRST_NAME",
            split_part(name, ' ', 2) as "LAST_NAME",
            telephone as "PHONE",
            address->>'$.city' as "CITY",
            weight as "WEIGHT_KG",
            to_json(['warehouse', case when age < 40 then 'younger' else 'older' end]) as "TAGS",
            to_json([{'id': 'news', 'status': 'active'}]) as "LISTS",
            updated_at as "RECEIVED_AT"
        from users order by users.id
    """,
    "TRACKS": """
        select
            purchases.id::varchar as "MESSAGE_ID",
            user_id::varchar as "USER_ID",
            'order_completed' as "EVENT",
            'Order Completed' as "EVENT_TEXT",
            price::double as "VALUE", -- the source of files reads a decimal 15001 as 15001.000000000002
            purchased_at as "ORIGINAL_TIMESTAMP"
        from purchases join products on products.id = product_id
        where purchased_at is not null order by purchases.id
    """,
    "PAGES": """
        select
            email as "CONTEXT_TRAITS_EMAIL",
            'https://shop.example.com/cars/' || product_id as "URL",
            'https://search.example.com/' as "REFERRER",
            added_to_cart_at as "SENT_AT"
        from purchases join users on users.id = user_id order by purchases.id
    """,
}

warehouse = ab.new_local_cache("warehouse", cache_dir="warehouse")
faker(GIVEN["count"]).read(cache=warehouse)
destination = activecampaign()
rows = {}
for name, query in VIEWS.items():
    file = Path(f"{name}.parquet").absolute()
    warehouse.execute_sql([f'create view "V_{name}" as {query}', f"copy \"V_{name}\" to '{file}' (format parquet)"])
    rows[name] = [dict(row) for row in warehouse.run_sql_query(f'select * from "V_{name}"')]
    source = ab.get_source(
        "source-file",
        config={"dataset_name": name, "format": "parquet", "url": str(file), "provider": {"storage": "local"}},
        local_executable=GIVEN["sources"]["source-file"],
        streams="*",
    )
    # The file has no key and no cursor: left alone, PyAirbyte would ask for `overwrite`.
    destination.write(source, cache=False, state_cache=False, write_strategy="append")
    if name == "IDENTIFIES":
        # Once more by way of a cache, which writes the columns' names in lower case.
        read = source.read(cache=ab.new_local_cache("lowered", cache_dir="lowered"), write_strategy="append")
        destination.write(read, state_cache=False, write_strategy="append")
answer(rows)
