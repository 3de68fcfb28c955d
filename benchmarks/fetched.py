"""Lays out, for accuracy.py, the files that a corpus names and does not hold.

    python benchmarks/fetched.py CORPUS CLONES FOLDER
    python benchmarks/fetched.py --repository CLONE COMMIT FOLDER
    python benchmarks/fetched.py --blocks CLONE COMMIT FOLDER

CLONES holds git repositories as `OWNER+NAME` or `OWNER+NAME/repo`, with the commits of
MANIFEST.tsv in their history. Each entry gets the tree that it stands in, because modules and
folders are read together, at `FOLDER/KIND/OWNER__NAME[@COMMIT]`; entries that are cut out of
another file are cut out of it again. `--repository` lays out one whole commit, `--blocks` the
configurations that stand in its Markdown pages and Go tests. Nothing of it belongs to this
repository.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

KINDS = (
    *("bicep", "bicep-noise", "terraform", "terraform-noise", "terraform-derived"),
    *("notebook", "notebook-noise", "python-v1", "python-v2", "python-noise"),
    *("shell", "shell-noise"),
)
SUFFIXES = (
    *(".bicep", ".bicepparam", ".tf", ".tfvars", ".tofu", ".hcl", ".json", ".yml", ".yaml"),
    *(".ipynb", ".py", ".sh", ".bash", ".ps1"),
)
"""What the files of these kinds read of others."""


class Entry(NamedTuple):
    """A line of MANIFEST.tsv."""

    kind: str
    path: str
    repository: str
    commit: str
    original: str
    size: int
    facts: frozenset[str]
    """What a search of the text found in it, such as `workspace`."""

    note: str


def entries(corpus: Path) -> list[Entry]:
    """List the entries of the kinds above that the corpus does not hold."""
    head, *rows = (corpus / "MANIFEST.tsv").read_text(encoding="utf-8").splitlines()
    names = head.split("\t")
    found = (dict(zip(names, row.split("\t"), strict=True)) for row in rows)
    return [
        Entry(
            kind=row["kind"],
            path=row["path"],
            repository=row["repo"],
            commit=row["commit"],
            original=row["original_path"],
            size=int(row["bytes"]),
            facts=frozenset(row["facts"].split()),
            note=row["note"],
        )
        for row in found
        if row["kind"] in KINDS and row["shipped"] == "no"
    ]


def clone_of(clones: Path, repository: str) -> Path:
    """Find the git repository that holds the history."""
    name = repository.replace("/", "+")
    return clones / name / "repo" if (clones / name / "repo").is_dir() else clones / name


def git(clone: Path, *words: str) -> bytes:
    """Run git; words name a commit of MANIFEST.tsv."""
    return subprocess.run(["git", "-C", clone, *words], check=True, capture_output=True).stdout


def files_of(clone: Path, commit: str, suffixes: tuple[str, ...]) -> Iterator[tuple[str, bytes]]:
    """Yield the files with one of the suffixes that a commit holds, as far as the clone has them.

    `git archive` would stop at the first blob that a partial clone lacks.
    """
    blobs: list[tuple[bytes, str]] = []
    for line in git(clone, "ls-tree", "-r", "-z", commit).split(b"\0"):
        head, _, name = line.partition(b"\t")
        if name.decode().endswith(suffixes) and head.startswith(b"100"):
            blobs.append((head.split()[2], name.decode()))
    asked = b"".join(blob + b"\n" for blob, _ in blobs)
    words = ["git", "-C", str(clone), "cat-file", "--batch"]
    answer = subprocess.run(words, input=asked, check=True, capture_output=True).stdout
    at = 0
    for _, name in blobs:
        end = answer.index(b"\n", at)
        fields = answer[at:end].split()
        at = end + 1
        if fields[-1] == b"missing":
            continue
        size = int(fields[2])
        yield name, answer[at : at + size]
        at += size + 1


def lay_out(clone: Path, commit: str, folder: Path) -> None:
    """Write what a commit holds of the files that are read."""
    for name, content in files_of(clone, commit, SUFFIXES):
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)


def lay_out_blocks(clone: Path, commit: str, folder: Path) -> None:
    """Write each configuration that stands in a page or a test into a folder of its own."""
    for name, content in files_of(clone, commit, (".md", ".markdown", "_test.go")):
        if name.startswith("vendor/"):
            continue
        text = content.decode("utf-8", "replace")
        pattern = _GO_TEXT if name.endswith(".go") else _HCL_FENCE
        for found in pattern.finditer(text):
            body = filled_in(found[1]) if name.endswith(".go") else found[1]
            if not _DECLARES.search(body):
                continue
            line = text.count("\n", 0, found.start(1)) + 1
            file = folder / f"{name}.L{line}" / "main.tf"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(body, encoding="utf-8", newline="\n")


_GO_TEXT = re.compile(r"`([^`]*)`")
_HCL_FENCE = re.compile(r"^```(?:hcl|terraform|tf)\s*\n(.*?)^```", re.MULTILINE | re.DOTALL)
_DECLARES = re.compile(r'^\s*(?:resource|data|module)\s+"', re.MULTILINE)


def cut_out(text: str, entry: Entry) -> str:
    """Cut a configuration out of a Go test or a page of documentation, as the note says."""
    if block := re.search(r"hcl block at line (\d+)", entry.note):
        lines = text.splitlines()[int(block[1]) - 1 :]
        return "\n".join(lines[: lines.index("```")]) + "\n"
    found = re.search(r"Go test template (\w+) at line (\d+)", entry.note)
    assert found is not None, entry.note
    body = "\n".join(text.splitlines()[int(found[2]) - 1 :]).split("`", 2)[1]
    return filled_in(body)


def filled_in(body: str) -> str:
    """Put numbers, a region and true where a Go test has verbs of its formats."""
    body = re.sub(r"%(?:\[\d+\])?d", "240101", body)
    body = re.sub(r"^[ \t]*%(?:\[\d+\])?s[ \t]*$", "", body, flags=re.MULTILINE)
    body = re.sub(r"%(?:\[\d+\])?q", '"westeurope"', body)
    body = re.sub(r"%(?:\[\d+\])?t", "true", body).replace("%%", "%")
    return re.sub(r"%(?:\[\d+\])?[sv]", "westeurope", body).strip() + "\n"


def main(words: list[str]) -> None:
    """Lay out all entries and say what is missing or of another size."""
    if words[0] in {"--repository", "--blocks"}:
        work = lay_out if words[0] == "--repository" else lay_out_blocks
        work(Path(words[1]), words[2], Path(words[3]))
        return
    corpus, clones, folder = map(Path, words)
    for entry in entries(corpus):
        file = folder / entry.path
        clone = clone_of(clones, entry.repository)
        try:
            if entry.kind == "terraform-derived":
                text = git(clone, "show", f"{entry.commit}:{entry.original}").decode()
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(cut_out(text, entry), encoding="utf-8", newline="\n")
            elif not file.exists():
                tree = folder / "/".join(Path(entry.path).parts[:2])
                lay_out(clone, entry.commit, tree)
        except (OSError, subprocess.CalledProcessError):
            print(f"not in the clones: {entry.repository} {entry.commit} {entry.original}")
            continue
        size = file.stat().st_size if file.exists() else None
        if size != entry.size:
            print(f"{size} bytes, not {entry.size}: {entry.path}")


if __name__ == "__main__":
    main(sys.argv[1:])
