"""The rules that come with azmlint."""
