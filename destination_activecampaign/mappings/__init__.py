"""What ActiveCampaign's objects are: a row becomes an entry, an entry a request, a response outcomes."""
