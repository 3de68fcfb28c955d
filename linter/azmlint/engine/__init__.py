"""One run: find, read, judge, suppress, fix."""
