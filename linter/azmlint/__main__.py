"""`python -m azmlint`."""

from azmlint.cli import main

if __name__ == "__main__":
    main()
