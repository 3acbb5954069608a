"""What is measured of both registries in turns."""

import hashlib
import os
import re
import selectors
import statistics
import subprocess
import time

import artifacts
from connection import Connection, Unexpected

LARGE = 512 << 20
GIGABYTE = 1_000_000_000


class LargeBlob:
    """A file of 512 MiB that becomes another blob whenever it is asked for the next."""

    def __init__(self, path):
        self.path = path
        with open(path, "wb") as file:
            for _ in range(LARGE >> 20):
                file.write(os.urandom(1 << 20))
        self.number = 0

    def next(self):
        self.number += 1
        with open(self.path, "r+b") as file:
            file.write(self.number.to_bytes(8, "big"))
            file.seek(0)
            return "sha256:" + hashlib.file_digest(file, "sha256").hexdigest()


def push_large(server, large, digest):
    """The seconds from the first byte of a PUT to its 201."""
    connection = Connection(server.address)
    upload = connection.start_upload("bench/large")
    began = time.monotonic()
    connection.send("PUT", f"{upload}digest={digest}", "Content-Type: application/octet-stream\r\n", length=LARGE)
    with open(large.path, "rb") as file:
        connection.socket.sendfile(file)
    status, answer = connection.head()
    seconds = time.monotonic() - began
    if status != 201:
        raise Unexpected(f"the push of 512 MiB: {status} {connection.body(answer)!r}")
    connection.close()
    return seconds


def begin_pull(address, digest):
    connection = Connection(address)
    connection.send("GET", f"/v2/bench/large/blobs/{digest}")
    status, answer = connection.head()
    if status != 200 or int(answer["content-length"]) != LARGE:
        raise Unexpected(f"the pull of 512 MiB: {status}")
    return connection


def disk_throughput(folder, large, number):
    """The rate at which the disk itself takes 512 MiB into a new file, synchronised, with nothing hashed.

    The file stays, as a pushed blob does: a disk may be quicker with blocks that it has just been given back.
    """
    path = folder / f"disk-{number}"
    began = time.monotonic()
    with open(large.path, "rb") as source, open(path, "wb", buffering=0) as file:
        while piece := source.read(1 << 20):
            file.write(piece)
        os.fdatasync(file.fileno())
    return LARGE / (time.monotonic() - began) / GIGABYTE


def push_throughput(server, large, times=3):
    """The median rate of pushes to a server that is started for them and then removed."""
    server.start()
    rates = [LARGE / push_large(server, large, large.next()) / GIGABYTE for _ in range(times)]
    server.stop()
    server.remove()
    return statistics.median(rates)


class Round:
    """Everything that is measured of one server before it is the other's turn, by row."""

    def __init__(self, server, number, large, seconds):
        self.server = server
        self.number = number
        self.large = large
        self.seconds = seconds
        self.client_share = {}

    def measure(self):
        self.warm_up()
        values = {}
        values["push throughput"] = self.large_push()
        values["pull throughput"], values["pull processor"] = self.large_pull()
        values["pull memory"] = self.parallel_pull()
        values["manifests"] = self.manifests()
        values["artifact push"], values["artifact pull"] = self.artifacts()
        return values

    def warm_up(self):
        artifacts.load(artifacts.push, self.server.address, "bench/warm", f"warm-{self.number}", 2, 0.5)

    def large_push(self):
        self.digest = self.large.next()
        return LARGE / push_large(self.server, self.large, self.digest) / GIGABYTE

    def large_pull(self, times=6):
        view = memoryview(bytearray(1 << 20))
        processor = self.server.processor_seconds()
        began = time.monotonic()
        for _ in range(times):
            connection = begin_pull(self.server.address, self.digest)
            connection.discard(LARGE, view)
            connection.close()
        seconds = time.monotonic() - began
        gigabytes = times * LARGE / GIGABYTE
        return gigabytes / seconds, (self.server.processor_seconds() - processor) / gigabytes

    def parallel_pull(self, streams=64):
        """The peak of the server's resident memory while 64 streams are read in turns, some seconds long."""
        view = memoryview(bytearray(1 << 18))
        self.server.reset_peak_memory()
        connections = [begin_pull(self.server.address, self.digest) for _ in range(streams)]
        deadline = time.monotonic() + self.seconds
        with selectors.DefaultSelector() as selector:
            for connection in connections:
                connection.socket.setblocking(False)
                selector.register(connection.socket, selectors.EVENT_READ)
            while time.monotonic() < deadline and selector.get_map():
                for key, _ in selector.select(timeout=1):
                    if key.fileobj.recv_into(view) == 0:
                        selector.unregister(key.fileobj)
        peak = self.server.peak_memory()
        for connection in connections:
            connection.close()
        return peak / 1_000_000

    def manifests(self):
        url = f"http://{self.server.address}/v2/bench/warm/manifests/warm-{self.number}-0-0"
        output = subprocess.run(
            ["wrk", "--threads", "1", "--connections", "32", "--duration", f"{self.seconds}s",
             "--header", f"Accept: {artifacts.MANIFEST}", url],
            check=True, capture_output=True, text=True).stdout
        if "Non-2xx" in output or "Socket errors" in output:
            raise Unexpected(f"wrk says: {output}")
        return float(re.search(r"Requests/sec:\s*([0-9.]+)", output).group(1))

    def artifacts(self, clients=16):
        seed = f"round-{self.number}"
        pushed = artifacts.load(
            artifacts.push, self.server.address, "bench/artifacts", seed, clients, self.seconds)
        pulled = artifacts.load(
            artifacts.pull, self.server.address, "bench/artifacts", seed, clients, self.seconds, pushed.counts)
        self.client_share = {"artifact push": pushed.processor_share, "artifact pull": pulled.processor_share}
        return pushed.rate, pulled.rate
