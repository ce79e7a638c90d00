"""What the connector reaches, measured against the emulator: one module for each kind of load.

`scripts/bench` runs them all and writes `docs/performance.md`.
"""
