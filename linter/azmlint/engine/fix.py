"""Turn fixes into edits, and apply those that may be applied."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import stat
from typing import TYPE_CHECKING

from azmlint.errors import SourceError
from azmlint.finding import Applicability
from azmlint.model.value import NotEditable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from azmlint.finding import Finding, Fix
    from azmlint.location import Document, Edit

_LINE = re.compile(r"[^\n]*\n|[^\n]+")
"""What is a line to the tools that apply a diff."""

ROUND_LIMIT = 10
"""How often overlapping fixes are tried again; each round leaves fewer."""


def edits(fix: Fix) -> tuple[Edit, ...]:
    """Spell a fix as edits of the texts in which its values originate.

    Raises NotEditable when some value cannot be changed by an edit.
    """
    found: dict[Edit, None] = {}
    for change in fix.changes:
        for edit in change.value.edits(change.new):
            if edit not in found and any(
                e.document is edit.document and max(e.start, edit.start) < min(e.end, edit.end)
                for e in found
            ):
                message = "two of its changes are at the same place"
                raise NotEditable(message)
            found[edit] = None
    return tuple(_with_one_text(found))


def _with_one_text(edits: Iterable[Edit]) -> list[Edit]:
    """Join edits that make both cases of a conditional the same: nothing is left to ask there."""
    found: list[Edit] = []
    for one in edits:
        edit = one
        while (twin := next((e for e in found if _is_other_case(e, edit)), None)) is not None:
            found.remove(twin)
            whole, *around = edit.around
            edit = edit._replace(start=whole.start, end=whole.end, around=tuple(around))
        found.append(edit)
    return found


def _is_other_case(one: Edit, two: Edit) -> bool:
    return (
        one.document is two.document
        and one.text == two.text
        and one.around[:1] == two.around[:1] != ()
    )


def applicable(
    findings: Iterable[Finding], floor: Applicability, editable: Iterable[str]
) -> dict[str, list[Edit]]:
    """Choose, by path, edits that do not overlap: one fix for each finding, whole fixes only.

    A fix is taken when it may be trusted as far as `floor` says and stays within the paths in
    `editable`. What overlaps with a fix chosen already waits for the next round.
    """
    allowed = frozenset(editable)
    chosen: dict[str, list[Edit]] = {}
    for finding in findings:
        fix = next((f for f in finding.fixes if f.applicability >= floor and f.changes), None)
        if fix is None:
            continue
        try:
            wanted = edits(fix)
        except NotEditable:
            continue
        if not wanted or any(e.document.path not in allowed for e in wanted):
            continue
        new = [e for e in wanted if e not in chosen.get(e.document.path, ())]
        if any(_overlaps(e, other) for e in new for other in chosen.get(e.document.path, ())):
            continue
        for edit in new:
            chosen.setdefault(edit.document.path, []).append(edit)
    return chosen


def _overlaps(one: Edit, two: Edit) -> bool:
    if one.start == one.end and two.start == two.end:
        return one.start == two.start
    return one.start <= two.end and two.start <= one.end


def apply(document: Document, changes: Iterable[Edit]) -> str:
    """Give the text of a document after edits that do not overlap."""
    pieces: list[str] = []
    last = 0
    for edit in sorted(changes, key=lambda e: (e.start, e.end)):
        pieces += [document.text[last : edit.start], edit.text]
        last = edit.end
    pieces.append(document.text[last:])
    return "".join(pieces)


def diff(before: Mapping[str, str], after: Mapping[str, str]) -> str:
    """Show changed texts as a unified diff."""
    import difflib  # noqa: PLC0415  # only when asked for

    out: list[str] = []
    for path in sorted(after):
        if before[path] == after[path]:
            continue
        out += difflib.unified_diff(
            _LINE.findall(before[path]),
            _LINE.findall(after[path]),
            f"a/{path}",
            f"b/{path}",
        )
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in out
    )


def write(path: Path, raw: bytes, *, was: bytes | None = None, may_be_new: bool = False) -> None:
    """Replace a file in one step, keeping its mode and, where allowed, its owner.

    Where it is said what a file `was`, only that is replaced. Else a pipe or device is written to
    as it is. Raises SourceError, and then leaves all as it was.
    """
    import tempfile  # noqa: PLC0415  # loads much, and few runs write

    temporary = None
    try:
        target = path.resolve()
        about = _about(target) if may_be_new else target.stat()
        mode = about.st_mode if about is not None else None
        if mode is not None and not stat.S_ISREG(mode) and was is None:
            with target.open("wb") as stream:
                stream.write(raw)
            return
        if mode is not None and not os.access(target, os.W_OK):
            raise PermissionError(13, "Permission denied")  # renaming would bypass it
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=".azmlint-")
        with os.fdopen(handle, "wb") as stream:
            stream.write(raw)
            stream.flush()
            os.fsync(stream.fileno())
        if about is not None:
            _give(temporary, about)
        wanted = stat.S_IMODE(mode) if mode is not None else 0o666 & ~_umask()
        os.chmod(temporary, wanted)  # noqa: PTH101  # it is a name, not a Path
        if was is not None:
            _expect(target, was)
        os.replace(temporary, target)  # noqa: PTH105
    except OSError as error:
        if temporary is not None:
            with contextlib.suppress(OSError):
                os.unlink(temporary)  # noqa: PTH108
        message = f"{path if may_be_new else path.name} is not written: {error.strerror or error}"
        raise SourceError(message) from None


def _about(target: Path) -> os.stat_result | None:
    try:
        return target.stat()
    except FileNotFoundError:
        return None


def _expect(target: Path, was: bytes) -> None:
    """Raise OSError where a file is not what it was; nobody waits for what has become a pipe."""
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    with os.fdopen(os.open(target, flags), "rb") as stream:
        is_file = stat.S_ISREG(os.fstat(stream.fileno()).st_mode)
        if not is_file or stream.read(len(was) + 1) != was:
            raise OSError(errno.EBUSY, "it has changed since it was read")


def _give(temporary: str, about: os.stat_result) -> None:
    """Let a file belong to whom the one that it replaces belongs to, as far as we may."""
    if hasattr(os, "chown") and (about.st_uid, about.st_gid) != (os.geteuid(), os.getegid()):
        with contextlib.suppress(OSError):
            os.chown(temporary, about.st_uid, about.st_gid)


def _umask() -> int:
    # NOTE: It can only be read by setting it.
    current = os.umask(0o077)
    os.umask(current)
    return current
