"""Rules about quota: what a subscription may have in a region."""
