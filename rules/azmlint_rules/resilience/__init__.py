"""Rules about what is left when a region fails."""
