"""Long texts in short messages."""

from __future__ import annotations


def brief(text: str, limit: int) -> str:
    """Cut a long text between its words: the beginning of a secret is not known for one.

    Ids are no secrets, and are cut anywhere.
    """
    if len(text) <= limit:
        return text
    end = limit - 3
    start = max(text.rfind(sign, 0, end) for sign in " \t\n'\"(,;[{") + 1
    if not text.startswith(("/subscriptions/", "/providers/"), start):
        end = start
    return f"{text[:end]}..."
