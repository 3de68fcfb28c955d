"""Rules about managed identities."""
