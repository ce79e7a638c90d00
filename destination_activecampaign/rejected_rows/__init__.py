"""Keeping rows that were refused: in S3 or in a local file, durably, before anyone counts on it. Knows no sync and no API."""
