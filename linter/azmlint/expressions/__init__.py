"""Three-valued truth, located terms, and the evaluator that ARM and Bicep share."""
