"""Rules about access and security."""
