"""Brings rows of a warehouse into ActiveCampaign: an Airbyte destination."""
