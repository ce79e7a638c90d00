"""A sync shown: sample tables become contacts, events and visits of an emulated account. `scripts/demo` runs it."""
