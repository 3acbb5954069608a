#!/usr/bin/env python3
"""Measures `berth retention plan` of one large repository: 100,000 tags, 300,000 manifests, four blobs for each image.

    Benchmarks/retention.py --berth .build/release/berth [--folder FOLDER] [--apply]

It fills the catalogue of a new data folder, plans a policy that takes half of it, and tells how long that takes and how
much memory the server has then; with --apply, how long it takes to remove what the plan takes, too.
"""

import argparse
import http.client
import json
import pathlib
import socket
import sqlite3
import subprocess
import tempfile
import time

TAGS = 100_000
POLICY = """rules:
  - {name: newest, tags: "build-*", keep: {newest: 50000}}
  - {name: leftovers, untagged: true, keep: never}
"""

# Every tag names an index of two images; an image has a config and two layers of its own, and shares a base.
FILL = """
INSERT INTO repository (name, created_at) VALUES ('bench/builds', :now);
CREATE TEMP TABLE number AS
  WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < :tags) SELECT n FROM number;
CREATE TEMP TABLE image AS
  SELECT 2 * n + side - 1 AS n, n AS parent, CAST(x'01' || randomblob(32) AS BLOB) AS digest
  FROM number, (SELECT 0 AS side UNION ALL SELECT 1);
CREATE TEMP TABLE parent AS SELECT n, CAST(x'01' || randomblob(32) AS BLOB) AS digest FROM number;
INSERT INTO manifest (repository_id, digest, media_type, size, pushed_at, untagged_at, bytes)
  SELECT 1, digest, 'application/vnd.oci.image.manifest.v1+json', 700, :now - 100 * n, :now, zeroblob(700) FROM image;
INSERT INTO manifest (repository_id, digest, media_type, size, pushed_at, bytes)
  SELECT 1, digest, 'application/vnd.oci.image.index.v1+json', 500, :now - 100 * n, zeroblob(500) FROM parent;
INSERT INTO manifest_entry (manifest_id, digest, repository_id)
  SELECT m.id, image.digest, 1
  FROM image JOIN parent ON parent.n = image.parent JOIN manifest m ON m.repository_id = 1 AND m.digest = parent.digest;
INSERT INTO tag (repository_id, name, digest, began_at)
  SELECT 1, printf('build-%06d', n), digest, :now - 100 * n FROM parent;
INSERT INTO blob (id, digest, size, created_at)
  SELECT 3 * n + part, CAST(x'01' || randomblob(32) AS BLOB), 1000000, :now
  FROM image, (SELECT 0 AS part UNION ALL SELECT 1 UNION ALL SELECT 2);
INSERT INTO blob (id, digest, size, created_at) VALUES (1, CAST(x'01' || randomblob(32) AS BLOB), 30000000, :now);
INSERT INTO blob_link (repository_id, blob_id, linked_at) SELECT 1, id, :now FROM blob;
INSERT INTO manifest_blob (manifest_id, blob_id, repository_id)
  SELECT m.id, blob.id, 1
  FROM image JOIN manifest m ON m.repository_id = 1 AND m.digest = image.digest
  JOIN blob ON blob.id IN (1, 3 * image.n, 3 * image.n + 1, 3 * image.n + 2);
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """A berth of its own over a data folder."""

    def __init__(self, berth, data):
        self.berth, self.data = berth, data

    def __enter__(self):
        self.port = free_port()
        self.process = subprocess.Popen(
            [self.berth, "serve", "--data", self.data, "--listen", f"127.0.0.1:{self.port}", "--log-level", "error"]
        )
        for _ in range(600):
            try:
                if self.request("GET", "/readyz")[0] == 200:
                    return self
            except OSError:
                time.sleep(0.05)
        raise RuntimeError("the server does not answer")

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()

    def request(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=600)
        connection.request(method, path, body)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        return answer.status, text

    def memory(self):
        """The most that was resident so far, in MiB."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) / 1024


def timed(server, path):
    began = time.monotonic()
    status, body = server.request("POST", path)
    seconds = time.monotonic() - began
    last = json.loads(body.splitlines()[-1])
    if status != 200 or not last.get("done"):
        raise RuntimeError(f"{path}: {status} {last}")
    return seconds, len(body), last


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--berth", required=True)
    parser.add_argument("--folder", help="where the data folder is made; the system's folder for such things otherwise")
    parser.add_argument("--apply", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as data:
        with Server(options.berth, data):
            pass
        began = time.monotonic()
        database = sqlite3.connect(pathlib.Path(data) / "catalog.sqlite")
        for statement in FILL.split(";\n"):
            if statement.strip():
                database.execute(statement, {"now": time.time_ns() // 1_000_000 - 60_000, "tags": TAGS})
        database.commit()
        database.close()
        print(f"filled in {time.monotonic() - began:.0f} s")
        with Server(options.berth, data) as server:
            status, text = server.request(
                "PUT", "/api/v1/retention/policies", json.dumps({"scope": "*", "policy": POLICY})
            )
            if status != 200:
                raise RuntimeError(text)
            print(f"{server.memory():.0f} MiB resident before")
            for _ in range(3):
                seconds, length, last = timed(server, "/api/v1/retention/runs")
                print(f"plan: {seconds:.2f} s, {server.memory():.0f} MiB resident, {length} bytes answered, {last}")
            if options.apply:
                seconds, _, last = timed(server, f"/api/v1/retention/runs/{last['run']}/application")
                print(f"apply: {seconds:.2f} s, {server.memory():.0f} MiB resident, {last}")


main()
