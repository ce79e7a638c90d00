"""The sample of `scripts/demo`, and what makes it."""
