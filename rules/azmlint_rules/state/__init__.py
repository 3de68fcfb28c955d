"""Rules about the state of deployed computes."""
