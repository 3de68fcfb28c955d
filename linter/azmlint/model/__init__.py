"""What an estate is made of."""
