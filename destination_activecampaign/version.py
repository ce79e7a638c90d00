"""The version of the connector: the one place that package, metadata and changelog are checked against."""

__version__ = "0.1.0"
