"""A machine that runs shell lines with programs of its own, and reads the server beside it."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys

from arm_server import TOKEN

ANSWER = json.dumps(
    {"accessToken": TOKEN, "expiresOn": "2099-01-01 00:00:00.000000", "expires_on": 4_070_908_800,
     "subscription": "s", "tenant": "t", "tokenType": "Bearer"}
)  # fmt: skip


class Machine:
    """A runner: its own `az`, `pip` and `azmlint`, which reads the server of this machine."""

    def __init__(self, folder, arm):
        self.folder, self.arm = folder / "work", arm
        self.folder.mkdir()
        programs = folder / "bin"
        programs.mkdir()
        self.installed = folder / "installed"
        python, record = shlex.quote(sys.executable), shlex.quote(str(self.installed))
        live = f"--auth cli --arm-endpoint {arm.url}"
        for name, text in {
            "az": f"echo '{ANSWER}'",
            "pip": f'echo "$@" >> {record}',
            "python": f'if [ "$2" = pip ]; then shift 2; echo "$@" >> {record}; exit 0; fi\n'
            f'exec {python} "$@"',
            "azmlint": f'case "$*" in *--snapshot\\ *|snapshot\\ merge*) ;;'
            f' audit*|snapshot*) exec {python} -m azmlint "$@" {live};; esac\n'
            f'exec {python} -m azmlint "$@"',
        }.items():
            (programs / name).write_text(f"#!/bin/sh\n{text}\n")
            (programs / name).chmod(0o755)
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("GITHUB_", "AZMLINT_"))}
        self.environment = {
            **kept,
            "PATH": f"{programs}:{os.environ['PATH']}",
            "PYTHONPATH": os.pathsep.join(p for p in sys.path if p),
        }

    def run(self, text, *shell, **variables):
        done = subprocess.run(
            [*shell, "-c", text],
            cwd=self.folder,
            env=self.environment | {k: str(v) for k, v in variables.items()},
            capture_output=True,
            text=True,
            check=False,
        )
        assert "Traceback" not in done.stderr, done.stderr
        return done

    def write(self, name, text):
        (self.folder / name).write_text(text, encoding="utf-8")
