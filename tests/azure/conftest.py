"""A reader of the loopback server, whose waits take no time."""

from __future__ import annotations

import threading

import pytest
from arm_server import ArmServer, Signed

from azmlint.azure.clock import Clock
from azmlint.azure.cloud import cloud_at
from azmlint.azure.credential import Credential
from azmlint.azure.reader import Reader


class FakeTime:
    """Passes when it is waited for."""

    def __init__(self):
        self._now = 1000.0
        self._lock = threading.Lock()
        self.waits = []

    def now(self):
        return self._now

    def wait(self, seconds):
        with self._lock:
            self.waits.append(seconds)
            self._now += seconds


@pytest.fixture(scope="session")
def server():
    with ArmServer() as running:
        yield running


@pytest.fixture
def arm(server):
    server.reset()
    return server


@pytest.fixture
def fake_time():
    return FakeTime()


@pytest.fixture
def open_at(fake_time):
    """Make a reader of a server."""

    def open_(server, *, read_timeout=20.0, inner=None):
        cloud = cloud_at("AzureCloud", server.url)
        credential = Credential(inner or Signed(), "cli", "", cloud)
        clock = Clock(fake_time.now, fake_time.wait)
        return Reader(cloud, credential, clock, read_timeout=read_timeout)

    return open_


@pytest.fixture
def reader(arm, open_at):
    return open_at(arm)
