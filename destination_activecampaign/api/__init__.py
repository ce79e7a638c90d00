"""HTTP to ActiveCampaign: lanes and quotas, retry, classification, directory, look-ups. Knows nothing of Airbyte."""
