"""What access control costs: the same manifest from a server that is open and from one with accounts, in turns."""

import base64
import json
import re
import statistics
import subprocess
import urllib.request

import artifacts
from connection import Connection
from servers import Berth

REPOSITORY = "bench/manifest"
# More rounds than elsewhere: the difference is smaller than what a shared machine does by itself.
ROUNDS = 7


def pushed(server, authorization=""):
    """Pushes an artifact whose manifest is then asked for."""
    connection = Connection(server.address, authorization)
    artifacts.push(connection, REPOSITORY, "v1", "access")
    connection.close()


def requests_per_second(address, seconds, authorization=None):
    header = ["--header", f"Authorization: {authorization}"] if authorization else []
    output = subprocess.run(
        ["wrk", "--threads", "1", "--connections", "32", "--duration", f"{seconds}s", *header,
         f"http://{address}/v2/{REPOSITORY}/manifests/v1"],
        check=True, capture_output=True, text=True).stdout
    if "Non-2xx" in output:
        raise RuntimeError(output)
    return float(re.search(r"Requests/sec:\s+([\d.]+)", output).group(1))


def access_token(address, user, password):
    credentials = base64.b64encode(f"{user}:{password}".encode()).decode()
    request = urllib.request.Request(
        f"http://{address}/token?service=berth&scope=repository:{REPOSITORY}:pull",
        headers={"Authorization": f"Basic {credentials}"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)["token"]


def rates(folder, executable, seconds):
    """The medians of what an open server answers, one with an access token and one with a personal token."""
    servers = [
        Berth(folder / "open", executable, ["--access-log", "false"]),
        Berth(folder / "accounts", executable, ["--access", "accounts", "--access-log", "false"]),
    ]
    opened, closed = servers
    try:
        for server in servers:
            server.start()
        personal = (closed.data / "admin-token").read_text().strip()
        pushed(opened)
        pushed(closed, f"Authorization: Bearer {personal}\r\n")
        turns = []
        for _ in range(ROUNDS):
            access = access_token(closed.address, "admin", personal)
            turns.append((
                requests_per_second(opened.address, seconds),
                requests_per_second(closed.address, seconds, f"Bearer {access}"),
                requests_per_second(closed.address, seconds, f"Bearer {personal}"),
            ))
    finally:
        for server in servers:
            server.stop()
    return [statistics.median(turn[column] for turn in turns) for column in range(3)]


def table(folder, executable, seconds):
    opened, access, personal = rates(folder, executable, seconds)
    return [
        f"What access control costs: manifest `GET` by tag, {ROUNDS} rounds in turns.",
        "",
        "| access | requests | ratio to open | to reach |",
        "|---|--:|--:|--:|",
        f"| open | {opened:,.0f}/s | | |",
        f"| accounts, an access token as Bearer | {access:,.0f}/s | {access / opened:.2f} | ≥ 0.85 |",
        f"| accounts, a personal token as Bearer | {personal:,.0f}/s | {personal / opened:.2f} | |",
    ]
