"""Facts about Azure that ship with azmlint, each with its source and date."""
