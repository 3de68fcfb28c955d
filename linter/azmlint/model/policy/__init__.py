"""What Azure Policy says of resources, as its documentation defines the language."""
