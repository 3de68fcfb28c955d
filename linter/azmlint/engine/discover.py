"""Which files a run reads, and reading them."""

from __future__ import annotations

import errno
import os
import re
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from azmlint.engine.relevance import (
    SUFFIXES,
    UTF_16,
    Kind,
    called,
    concerns,
    imported,
    modules,
    not_read,
    surrounds,
)
from azmlint.engine.report import Failure, Skip
from azmlint.errors import ConfigError, SourceError
from azmlint.path_pattern import PathPatterns
from azmlint.sources.load import is_package_list

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from azmlint.config import Config

SIZE_LIMIT: Final = 20_000_000
"""Bytes; a longer file is skipped."""

NOTEBOOK_LIMIT: Final = 250_000_000
"""Of a notebook, which is long because of the outputs that are passed over."""

STAGE: Final = "discover"

SKIPPED_FOLDERS: Final = frozenset(
    {
        ".bzr",
        ".cache",
        ".eggs",
        ".git",
        ".hg",
        ".hypothesis",
        ".ipynb_checkpoints",
        ".mypy_cache",
        ".nox",
        ".pytest_cache",
        ".ruff_cache",
        ".svn",
        ".terraform",
        ".tox",
        ".venv",
        ".vs",
        "__pycache__",
        "build",
        "dist",
        "node_modules",
        "site-packages",
        "venv",
    }
)
"""Folders that are not entered outside a repository, where nothing else says what is ours."""


class Found(NamedTuple):
    """A file to read."""

    path: str
    """Relative to the project root, with `/`; bytes that are not UTF-8 are shown escaped."""

    absolute: Path
    is_explicit: bool
    """Whether the command line names it."""


class Discovery(NamedTuple):
    """What the given paths hold, each part sorted by path."""

    files: tuple[Found, ...]
    skipped: tuple[Skip, ...]
    failures: tuple[Failure, ...]


def discover(
    paths: Iterable[str | os.PathLike[str]],
    config: Config,
    *,
    uses_git: bool = True,
    as_found: bool = False,
    docs: bool = False,
) -> Discovery:
    """Find the files below `paths`; a file named there is taken whatever it is called.

    With `as_found` it is taken only if a search would take it; with `docs` a search takes
    Markdown, too. Raises ConfigError, with a line
    for each, for paths that do not exist.
    """
    patterns = PathPatterns(config.exclude)
    walk = _Walk(config.root, patterns, uses_git=uses_git, as_found=as_found, docs=docs)
    given = [Path(os.path.abspath(p)) for p in paths]  # noqa: PTH100  # links are kept as given
    walk.start(given)
    return Discovery(
        tuple(walk.files[name] for name in sorted(walk.files)),
        tuple(sorted(walk.skipped, key=lambda s: (s.path, s.reason))),
        tuple(sorted(walk.failures, key=lambda f: (f.path or "", f.reason))),
    )


def shown_path(path: Path, root: Path) -> str:
    """Spell a path as reports do: relative to the root, with `/`, always printable as UTF-8."""
    try:
        text = os.path.relpath(path, root)
    except ValueError:
        # On Windows there is no way from one drive to another.
        text = str(path)
    text = text.replace(os.sep, "/")
    return os.fsencode(text).decode("utf-8", "backslashreplace")


def is_document(path: str) -> bool:
    """Whether a file is written for readers, so that a search looks into it only when asked to."""
    return path.lower().endswith((".md", ".markdown"))


def is_candidate(path: str) -> bool:
    """Whether a search looks into files of such a name."""
    lower = path.lower().rpartition("/")[2]
    dot = lower.rfind(".")
    # What has no suffix may be a script, as its first line tells.
    if dot < 0 or lower[dot:] in SUFFIXES or lower.startswith("dockerfile"):
        return True
    return is_package_list(path)


class _Walk:
    """One search, and what it has met."""

    def __init__(
        self, root: Path, exclude: PathPatterns, *, uses_git: bool, as_found: bool, docs: bool
    ) -> None:
        self.root = root
        self.real_root = os.path.realpath(root)
        self.exclude = exclude
        self.uses_git = uses_git
        self.as_found = as_found
        self.docs = docs
        self.files: dict[str, Found] = {}
        self.skipped: list[Skip] = []
        self.failures: list[Failure] = []
        self.scanned: list[str] = []
        """The folders given, links resolved, each with a separator at its end."""

    def start(self, given: Sequence[Path]) -> None:
        """Take files as they are and search folders."""
        folders: list[Path] = []
        missing: list[str] = []
        for path in given:
            try:
                mode = path.stat().st_mode
            except FileNotFoundError:
                missing.append(f"{shown_path(path, Path.cwd())}: there is no such file or folder")
            except (OSError, ValueError) as error:
                self.fail(path, _why(error))
            else:
                if stat.S_ISDIR(mode):
                    folders.append(path)
                else:
                    self.take_explicit(path, mode)
        if missing:
            raise ConfigError("\n".join(missing))
        self.scanned = [os.path.join(os.path.realpath(f), "") for f in folders]  # noqa: PTH118
        for folder in folders:
            self.enter(folder)

    def take_explicit(self, path: Path, mode: int) -> None:
        """Take a file that the command line names."""
        if self.as_found and (not self.takes(path.name) or self.is_excluded(path)):
            return
        if not stat.S_ISREG(mode):
            self.skip(path, f"is {_kind_of(mode)}, not a file")
            return
        name = shown_path(path, self.root)
        self.files[name] = Found(name, path, is_explicit=not self.as_found)

    def enter(self, folder: Path) -> None:
        """Search a folder with git where it is in a repository, else by hand."""
        listed = _git_files(folder) if self.uses_git else None
        if listed is None:
            self.scan(folder)
            return
        names, unreadable = listed
        for name in unreadable:
            self.fail(folder / name, "the folder cannot be read: Permission denied")
        self.take_listed(folder, names)

    def take_listed(self, folder: Path, names: Iterable[str]) -> None:
        """Take the files that git lists, and look for what git leaves out in silence."""
        by_folder: dict[str, set[str]] = {}
        for name in names:
            if name.endswith("/"):
                # A repository inside a repository, which has its own list.
                self.enter_inner(folder / name)
                continue
            parent, _, leaf = name.rpartition("/")
            by_folder.setdefault(parent, set()).add(leaf)
        for parent in sorted(by_folder):
            leaves = by_folder[parent]
            place = folder / parent if parent else folder
            for entry in self.entries(place):
                if entry.name in leaves:
                    self.take(entry, is_listed=True)
                elif _is_special(entry) and self.takes(entry.name):
                    # NOTE: git does not list pipes and sockets at all.
                    self.take(entry, is_listed=True)

    def enter_inner(self, folder: Path) -> None:
        """Search a repository that lies inside the one being searched."""
        if folder.name not in SKIPPED_FOLDERS and not self.is_excluded(folder, is_folder=True):
            self.enter(folder)

    def scan(self, folder: Path) -> None:
        """Search a folder without git, with the `.gitignore` files met on the way.

        Only patterns of the folder itself and of its parents within the search count; git's
        own excludes outside the tree do not.
        """
        pending: list[tuple[Path, tuple[_GitIgnore, ...]]] = [(folder, ())]
        while pending:
            place, ignores = pending.pop()
            entries = self.entries(place)
            own = next((e for e in entries if e.name == ".gitignore"), None)
            if own is not None:
                ignores = (*ignores, *_gitignore(place))
            for entry in entries:
                is_folder = _is_folder(entry)
                if is_folder and entry.name in SKIPPED_FOLDERS:
                    continue
                if _is_ignored(ignores, entry.path, is_folder=is_folder):
                    continue
                if is_folder:
                    inner = place / entry.name
                    if not self.is_excluded(inner, is_folder=True):
                        pending.append((inner, ignores))
                else:
                    self.take(entry)

    def entries(self, folder: Path) -> list[os.DirEntry[str]]:
        """List a folder; one that cannot be read is a failure."""
        try:
            with os.scandir(folder) as found:
                return list(found)
        except OSError as error:
            if error.errno not in {errno.ENOENT, errno.ENOTDIR}:
                self.fail(folder, f"the folder cannot be read: {error.strerror or error}")
            return []

    def take(self, entry: os.DirEntry[str], *, is_listed: bool = False) -> None:
        """Take one thing that is no folder, or say why it is left out."""
        path = Path(entry.path)
        try:
            if entry.is_symlink():
                self.take_link(path)
            elif entry.is_dir(follow_symlinks=False):
                if is_listed:
                    # A submodule: git lists its folder and nothing in it.
                    self.enter_inner(path)
            elif self.takes(entry.name) and not self.is_excluded(path):
                if entry.is_file(follow_symlinks=False):
                    self.add(path)
                else:
                    mode = entry.stat(follow_symlinks=False).st_mode
                    self.skip(path, f"is {_kind_of(mode)}, not a file")
        except OSError as error:
            self.fail(path, _why(error))

    def take_link(self, path: Path) -> None:
        """Take the file behind a link unless it is read where it stands."""
        if self.is_excluded(path):
            return
        try:
            mode = path.stat().st_mode
        except FileNotFoundError:
            if self.takes(path.name):
                self.skip(path, "is a link to something that does not exist")
            return
        except OSError as error:
            self.skip(path, f"is a link that cannot be followed: {_why(error)}")
            return
        is_folder = stat.S_ISDIR(mode)
        if not is_folder and not self.takes(path.name):
            return
        target = os.path.realpath(path)
        if any(os.path.join(target, "").startswith(folder) for folder in self.scanned):  # noqa: PTH118
            return
        if not target.startswith(os.path.join(self.real_root, "")):  # noqa: PTH118
            self.skip(path, "is a link to something outside the project root")
        elif is_folder:
            self.skip(path, "is a link to a folder outside the paths given")
        elif stat.S_ISREG(mode):
            self.add(path)
        else:
            self.skip(path, f"is a link to {_kind_of(mode)}, not a file")

    def takes(self, name: str) -> bool:
        """Whether this search looks into files of such a name."""
        return is_candidate(name) or (self.docs and is_document(name))

    def add(self, path: Path) -> None:
        """Take a file that was found."""
        name = shown_path(path, self.root)
        self.files.setdefault(name, Found(name, path, is_explicit=False))

    def is_excluded(self, path: Path, *, is_folder: bool = False) -> bool:
        """Whether the configuration excludes it."""
        if not self.exclude:
            return False
        return self.exclude.match(shown_path(path, self.root), is_folder=is_folder)

    def skip(self, path: Path, reason: str) -> None:
        """Note what is left out on purpose."""
        self.skipped.append(Skip(shown_path(path, self.root), STAGE, reason))

    def fail(self, path: Path, reason: str) -> None:
        """Note what could not be read."""
        self.failures.append(Failure(shown_path(path, self.root), None, STAGE, reason))


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return False


def _is_special(entry: os.DirEntry[str]) -> bool:
    try:
        return not (
            entry.is_file(follow_symlinks=False)
            or entry.is_dir(follow_symlinks=False)
            or entry.is_symlink()
        )
    except OSError:
        return False


_KINDS: Final = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISCHR, "a device"),
)


def _kind_of(mode: int) -> str:
    return next((name for test, name in _KINDS if test(mode)), "something else")


def _why(error: Exception) -> str:
    if isinstance(error, OSError):
        if error.errno == errno.ELOOP:
            return "symbolic links go round in a circle"
        return error.strerror or str(error)
    return str(error)


_UNREADABLE = re.compile(rb"could not open directory '([^'\n]+)'")


def _git_files(folder: Path) -> tuple[list[str], list[str]] | None:
    """List what git tracks or would track in a folder, and folders it cannot read.

    Gives None outside a repository, inside one that ignores the folder, and without git.
    """
    import subprocess  # noqa: PLC0415  # only a search of folders asks git

    environment = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
    environment |= {"LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0"}
    # NOTE: a repository can name a program as its file system monitor; a linter never starts it.
    command = ["git", "-c", "core.fsmonitor=false", "-c", "core.quotePath=false"]
    command += ["ls-files", "-co", "--exclude-standard", "-z", "--", "."]
    try:
        done = subprocess.run(  # noqa: S603  # fixed words, no shell
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
    except OSError:
        return None
    if done.returncode != 0:
        return None
    names = [os.fsdecode(name) for name in done.stdout.split(b"\0") if name]
    unreadable = [os.fsdecode(name) for name in _UNREADABLE.findall(done.stderr)]
    if not names and not unreadable and _is_ignored_by_git(folder, environment):
        return None
    return names, unreadable


def _is_ignored_by_git(folder: Path, environment: dict[str, str]) -> bool:
    """Whether git ignores a folder as a whole; whoever names it wants what is in it."""
    import subprocess  # noqa: PLC0415

    done = subprocess.run(
        ["git", "check-ignore", "-q", "."],  # noqa: S607  # git is where the PATH says
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    return done.returncode == 0


class _GitIgnore(NamedTuple):
    """The patterns of one `.gitignore`."""

    folder: str
    """With a separator at its end."""

    patterns: PathPatterns


def _gitignore(folder: Path) -> tuple[_GitIgnore, ...]:
    try:
        found = Found(".gitignore", folder / ".gitignore", is_explicit=False)
        raw = read(found, 1_000_000)
    except SourceError:
        return ()
    lines = raw.decode("utf-8", "surrogateescape").splitlines()
    return (_GitIgnore(os.path.join(folder, ""), PathPatterns(lines)),)  # noqa: PTH118


def _is_ignored(ignores: Iterable[_GitIgnore], path: str, *, is_folder: bool) -> bool:
    verdict = False
    for ignore in ignores:
        inner = path[len(ignore.folder) :].replace(os.sep, "/")
        found = ignore.patterns.verdict(inner, is_folder=is_folder)
        if found is not None:
            verdict = found
    return verdict


class NotText(SourceError):  # noqa: N818  # an answer, not an error  # noqa: N818  # it becomes a skip
    """A file is left out on purpose: it is too long, or no text."""


_BLOCK = 1 << 20
_LOOK = 8192


def read(found: Found, limit: int | None = None) -> bytes:
    """Read a file.

    Raises SourceError when it cannot be read, and NotText when it is left out on purpose.
    """
    if limit is None:
        limit = NOTEBOOK_LIMIT if found.path.lower().endswith(".ipynb") else SIZE_LIMIT
    # NOTE: without O_NONBLOCK, opening what has become a pipe since it was found waits forever.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        handle = os.open(found.absolute, flags)
    except (OSError, ValueError) as error:
        raise SourceError(_why(error)) from None
    try:
        raw = _content(handle, limit)
    except OSError as error:
        raise SourceError(_why(error)) from None
    finally:
        os.close(handle)
    if b"\0" in raw[:_LOOK] and not raw.startswith(UTF_16):
        message = "is binary: it has NUL bytes"
        raise NotText(message)
    return raw


def _content(handle: int, limit: int) -> bytes:
    about = os.fstat(handle)
    if not stat.S_ISREG(about.st_mode):
        message = f"is {_kind_of(about.st_mode)}, not a file"
        raise NotText(message)
    if about.st_size > limit:
        message = f"is longer than {limit // 1_000_000} MB"
        raise NotText(message)
    raw = os.read(handle, _BLOCK)
    if len(raw) < _BLOCK:
        return raw
    pieces = [raw]
    while piece := os.read(handle, _BLOCK):
        pieces.append(piece)
    return b"".join(pieces)


def trouble(found: Found, error: SourceError) -> Skip | Failure:
    """Turn what `read` raised into an entry of the report."""
    if isinstance(error, NotText):
        return Skip(found.path, STAGE, str(error))
    return Failure(found.path, None, STAGE, str(error))


__all__ = [
    "SIZE_LIMIT",
    "Discovery",
    "Found",
    "Kind",
    "NotText",
    "called",
    "concerns",
    "discover",
    "imported",
    "is_candidate",
    "is_document",
    "modules",
    "not_read",
    "read",
    "shown_path",
    "surrounds",
    "trouble",
]
