"""Airbyte's messages: read a line, write a line. Knows nothing of ActiveCampaign."""
