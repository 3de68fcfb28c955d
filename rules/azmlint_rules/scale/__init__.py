"""Rules about scale settings and their cost."""
