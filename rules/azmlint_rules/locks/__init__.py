"""Rules about locks."""
