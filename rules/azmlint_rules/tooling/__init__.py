"""Rules about tools, versions and names."""
