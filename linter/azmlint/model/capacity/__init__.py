"""How many nodes clusters can reach under the quotas that they share."""
