"""What principals may do: role assignments, deny assignments, and the identities that hold them."""
