"""What is measured of Berth alone, over a catalogue that is filled beforehand."""

import hashlib
import json
import pathlib
import re
import sqlite3
import statistics
import subprocess
import time

import artifacts
from connection import Connection

EMPTY_INDEX = b'{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}'
PARTS = pathlib.Path(__file__).with_name("seed.sql")
# In a stored digest the first byte is the algorithm.
SHA256 = b"\x01"
GARBAGE = 100_000


def seed(server, *parts, blobs=()):
    """Runs parts of seed.sql on the catalogue of a server that does not run; `blobs` are pairs of digest and size."""
    sections = dict(re.findall(r"^-- part: (\w+)\n(.*?)(?=^-- part: |\Z)", PARTS.read_text(), re.M | re.S))
    values = {
        "now": time.time_ns() // 1_000_000,
        "manifest": EMPTY_INDEX,
        "digest": SHA256 + hashlib.sha256(EMPTY_INDEX).digest(),
    }
    with sqlite3.connect(server.data / "catalog.sqlite") as database:
        database.execute("CREATE TEMP TABLE seed (digest BLOB NOT NULL, size INTEGER NOT NULL)")
        database.executemany("INSERT INTO seed VALUES (?, ?)", blobs)
        for part in parts:
            for statement in sections[part].split(";\n"):
                if re.sub(r"--.*\n", "", statement).strip():
                    database.execute(statement, values)
    database.close()


def made(server):
    """A server whose data folder has been made, and which does not run."""
    server.start()
    server.stop()
    return server


def milliseconds(connection, target, key, expected):
    """The median time of a list's first page."""
    times = []
    for _ in range(50):
        began = time.monotonic()
        _, body = connection.request("GET", target, 200)
        times.append((time.monotonic() - began) * 1000)
    if body.count(b'",') + 1 < expected or key not in body:
        raise ValueError(f"{target} is not a page of {expected}: {body[:200]!r}")
    return statistics.median(times)


def lists(server):
    """Milliseconds for the first page of 1,000 of 500,000 tags, and of 100,000 repositories."""
    seed(made(server), "tags", "repositories")
    server.start()
    connection = Connection(server.address)
    tags = milliseconds(connection, "/v2/bench/tags/tags/list?n=1000", b"v001000", 1000)
    repositories = milliseconds(connection, "/v2/_catalog?n=1000", b"bench/repository-000999", 1000)
    connection.close()
    server.stop()
    return tags, repositories


def start(server, rounds):
    """The median of the seconds until a server with 1,000,000 blobs is ready."""
    seed(made(server), "blobs")
    times = []
    for _ in range(rounds):
        times.append(server.start())
        server.stop()
    return statistics.median(times)


def write_garbage(server):
    """Writes blobs of 1 KiB that nothing needs into the store; pairs of stored digest and size."""
    blobs = []
    for number in range(GARBAGE):
        content = artifacts.blob("garbage", number)
        digest = hashlib.sha256(content)
        folder = server.data / "blobs" / "sha256" / digest.hexdigest()[:2]
        folder.mkdir(parents=True, exist_ok=True)
        (folder / digest.hexdigest()).write_bytes(content)
        blobs.append((SHA256 + digest.digest(), len(content)))
    return blobs


def ask_for_collection(server):
    """A process that asks for a collection and ends with it; it prints the reports and then the seconds it took."""
    return subprocess.Popen(
        ["curl", "--silent", "--show-error", "--fail", "--max-time", "300", "--request", "POST",
         "--write-out", "%{time_total}", f"http://{server.address}/api/v1/collections"],
        stdout=subprocess.PIPE, text=True)


def collected_in(process):
    """The seconds that the collection took."""
    *_, last, seconds = process.communicate()[0].splitlines()
    report = json.loads(last)
    if not report.get("done") or report["blobs"] < GARBAGE:
        raise ValueError(f"the collection did not take the {GARBAGE} blobs: {last}")
    return float(seconds)


def collection(server, seconds, clients=16):
    """Milliseconds of the 99th percentile of an artifact's push without and with a collection, and the collection's rate.

    Of the pushes beside the collection only those count that began before its end.
    """
    seed(made(server), "garbage", blobs=write_garbage(server))
    server.start()

    def push(name, length):
        return artifacts.load(artifacts.push, server.address, "bench/pushes", name, clients, length)

    push("warm", 1)
    before = push("before", seconds)
    began = time.monotonic()
    process = ask_for_collection(server)
    during = push("during", seconds)
    taken = collected_in(process)
    after = push("after", seconds)
    server.stop()
    without = sorted(before.latencies + after.latencies)
    beside = sorted(latency for start, latency in during.samples if start < began + taken)
    return (
        artifacts.percentile(without, 0.99) * 1000, artifacts.percentile(beside, 0.99) * 1000, GARBAGE / taken)
