"""Rules about VM sizes and tiers."""
