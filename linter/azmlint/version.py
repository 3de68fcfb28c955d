"""The version of azmlint."""

__version__ = "0.1.0"
