"""What commands print and write: variables for the steps that follow, and files."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from azmlint.expressions.arm_values import joined
from azmlint.expressions.term import Term
from azmlint.sources.shell_values import Variable, constant, once, pair, rest_of
from azmlint.sources.shell_words import Words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from azmlint.location import Document
    from azmlint.sources.shell_tree import HereDocument, Simple, Word
    from azmlint.sources.shell_values import Field

_FILLED: Final = re.compile(
    r"\$(?:\{([A-Za-z_]\w*)[^}\n]*\}|([A-Za-z_]\w*)|\([^()\n]*\))|\\([$`\\])"
)
"""What a shell fills in within a here-document."""

_HANDED: Final = re.compile(r"GITHUB_(ENV|OUTPUT)\b")
_TOLD: Final = re.compile(
    r"##vso\[task\.setvariable\s+variable=([\w.-]+)[^\]]*\]|::set-output name=([\w-]+)::",
    re.IGNORECASE,
)
"""How a line that is printed sets a variable, in Azure Pipelines and in GitHub's older form."""

_FORMAT: Final = re.compile(r"([^%\\]*)%s(?:\\n)?")


class Printed(Words):
    """Keeps what commands print."""

    def _says(self, statement: Simple, fields: Sequence[Field]) -> None:
        """Note what is printed: it may set a variable for the steps that follow."""
        words = [f for f in fields if not (f.text or "").startswith("-")]
        targets = [r.target for r in (*statement.redirects, *self._around)]
        if len(words) > 2 and self.folds_names and words[-2].text in {">", ">>"}:  # noqa: PLR2004
            # To the reader of PowerShell these are words like others.
            targets.append(words[-1].word)
            words = words[:-2]
        if not words:
            return
        said = words[0] if len(words) == 1 else self._in_one(words)
        if said is None:
            return
        self._said = said
        for target in targets:
            self._hands_on(target, said)
        lead = said.text or next((p for p in said.value().text_parts if isinstance(p, str)), "")
        match = _TOLD.match(lead)
        if match is not None:
            value = rest_of(said, match.end())
            kind = "output" if match[2] is not None else "exported"
            if value is not None:
                name = f"{kind} {match[1] or match[2]}"
                self.state.variables[name] = Variable(value.value)

    def _hands_on(self, target: Word | None, said: Field) -> None:
        """`echo "X=y" >> "$GITHUB_ENV"` sets a variable for the steps that follow."""
        shown = self.document.text[target.start : target.end] if target is not None else ""
        match = _HANDED.search(shown)
        name, value = pair(said) if match is not None else (None, None)
        if match is not None and name is not None and value is not None:
            kind = "exported" if match[1] == "ENV" else "output"
            self.state.variables[f"{kind} {name.strip()}"] = Variable(value.value)

    def _passes_on(self, fields: tuple[Field, ...]) -> None:
        """`echo X=y | tee -a "$GITHUB_ENV"`, `Add-Content $env:GITHUB_ENV "X=y"`."""
        words = [f.word for f in fields[1:] if f.word is not None]
        target = next(
            (w for w in words if _HANDED.search(self.document.text[w.start : w.end])), None
        )
        own = next((f for f in fields[1:] if "=" in (f.text or "")), None)
        said = own if (fields[0].text or "").casefold() == "add-content" else self._said
        if target is not None and said is not None:
            self._hands_on(target, said)

    def _in_one(self, words: list[Field]) -> Field | None:
        """Join words as `echo` and `printf` do, as far as that is plain."""
        first = words[0].text or ""
        match = _FORMAT.fullmatch(first)
        if match is not None and len(words) == 2:  # noqa: PLR2004  # a format and a value
            value = words[1].value
            made = once(lambda: joined([Term(match[1]), value()]), self.context.worlds)
            return words[0]._replace(value=made, pieces=(), word=None)
        texts = [w.text for w in words]
        if any(t is None for t in texts):
            return None
        whole = Term(" ".join(t for t in texts if t is not None), (words[0].place,))
        return words[0]._replace(value=constant(whole), pieces=(), word=None)

    def _writes(self, statement: Simple, fields: tuple[Field, ...], here: HereDocument) -> None:
        target: Word | None = None
        for redirect in statement.redirects:
            if redirect.operator in {">", ">>", ">|"}:
                target = redirect.target
        path = self._bound(target).text if target is not None else None
        if path is None and fields[0].text == "tee" and len(fields) > 1:
            path = fields[-1].text
        if path:
            written = self._here_text(here, path)
            self.state.files |= dict.fromkeys(self.state.candidates(path), written)

    def _here_text(self, here: HereDocument, path: str) -> Document:
        """Give a here-document as the file that it becomes, its variables filled in."""
        from azmlint.sources.embedded import Assembly  # noqa: PLC0415  # few scripts write files

        assembly, at = Assembly(self.document), here.start
        for match in (
            () if here.is_literal else _FILLED.finditer(self.document.text, here.start, here.end)
        ):
            if at < match.start():
                assembly.take(at, match.start())
            name = match[1] or match[2]
            data = self._variable(name).value().data if name else match[3]
            # What is not known stands as a place that something fills in.
            text = str(data) if isinstance(data, (str, int)) else f"${{{name or 'command'}}}"
            assembly.instead(match.start(), match.end(), text)
            at = match.end()
        if at < here.end:
            assembly.take(at, here.end)
        return assembly.embedded(f"{self.document.path}/{here.start}/{path.rpartition('/')[2]}")
