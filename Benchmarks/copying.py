"""`berth copy` and `berth sync` beside Skopeo: the same image between the same registries, in turns."""

import gzip
import json
import os
import shutil
import statistics
import subprocess
import time

import artifacts
from connection import Connection, Unexpected
from servers import Berth

LAYERS = 20
LAYER = (1 << 30) // LAYERS
TAGS = 1_000


def descriptor(media_type, content):
    return {"mediaType": media_type, "digest": artifacts.digest_of(content), "size": len(content)}


def push_blob(connection, repository, media_type, content):
    blob = descriptor(media_type, content)
    connection.push_blob(repository, blob["digest"], content)
    return blob


def push_config(connection, repository, contents):
    config = {
        "architecture": "amd64", "os": "linux", "config": {},
        "rootfs": {"type": "layers", "diff_ids": contents},
    }
    return push_blob(
        connection, repository, "application/vnd.oci.image.config.v1+json", json.dumps(config).encode())


def push_manifest(connection, repository, tag, config, layers):
    manifest = {
        "schemaVersion": 2, "mediaType": artifacts.MANIFEST, "config": config, "layers": layers,
        "annotations": {"org.opencontainers.image.version": tag},
    }
    connection.push_manifest(repository, tag, json.dumps(manifest).encode(), artifacts.MANIFEST)


def push_image(address, repository, tags, layers, layer_size):
    """Pushes layers of random bytes in gzip's clothes, and a manifest of its own for each tag.

    Skopeo compresses what is not compressed, which would be another work.
    """
    connection = Connection(address)
    pushed, contents = [], []
    for _ in range(layers):
        content = os.urandom(layer_size)
        contents.append(artifacts.digest_of(content))
        pushed.append(push_blob(
            connection, repository, "application/vnd.oci.image.layer.v1.tar+gzip", gzip.compress(content, 0)))
    config = push_config(connection, repository, contents)
    for tag in tags:
        push_manifest(connection, repository, tag, config, pushed)
    connection.close()


def run(command):
    """The seconds that a command takes, and the most memory that was resident in it, in bytes.

    GNU time starts the command: a child of this process would be counted with what this process holds.
    """
    began = time.monotonic()
    ended = subprocess.run(
        ["/usr/bin/time", "--format", "%M", *command], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE, text=True)
    seconds = time.monotonic() - began
    if ended.returncode != 0:
        raise Unexpected(f"{command}: {ended.stderr[-600:]}")
    return seconds, int(ended.stderr.split()[-1]) * 1024


def skopeo(*arguments):
    return ["skopeo", *arguments]


def to_registry(folder, options, source, number, tool):
    """A copy into a registry that was started for it."""
    target = Berth(folder / f"target-{tool}-{number}", options.berth, ["--access-log", "false"])
    target.start()
    try:
        if tool == "berth":
            return run([options.berth, "copy", f"{source}/bench/image:v1", f"{target.address}/bench/image:v1"])
        return run(skopeo("copy", "--src-tls-verify=false", "--dest-tls-verify=false",
                          f"docker://{source}/bench/image:v1", f"docker://{target.address}/bench/image:v1"))
    finally:
        target.remove()


def to_layout(folder, options, source, number, tool):
    layout = folder / f"layout-{tool}-{number}"
    try:
        if tool == "berth":
            return run([options.berth, "copy", f"{source}/bench/image:v1", f"oci:{layout}:v1"])
        return run(skopeo("copy", "--src-tls-verify=false", f"docker://{source}/bench/image:v1", f"oci:{layout}:v1"))
    finally:
        shutil.rmtree(layout, ignore_errors=True)


def in_turns(measure, rounds):
    """The medians of the times, by tool, and the most memory that each tool took.

    The times of a first round do not count: on a virtual machine, whoever comes first waits for the host to give the
    memory for a GiB of cached files, which takes as long as the copy, and the others find it there.
    """
    seconds, memory = {"berth": [], "skopeo": []}, {"berth": 0, "skopeo": 0}
    for number in range(rounds + 1):
        for tool in seconds:
            took, resident = measure(number, tool)
            if number > 0:
                seconds[tool].append(took)
            memory[tool] = max(memory[tool], resident)
    return {tool: statistics.median(values) for tool, values in seconds.items()}, memory


def synchronize(folder, options, source):
    """Both tools find that a repository of 1,000 tags is what it should be."""
    target = Berth(folder / "sync-target", options.berth, ["--access-log", "false"])
    target.start()
    try:
        push_image(source, "bench/tags", [f"v{number}" for number in range(TAGS)], 1, 1024)
        first = [options.berth, "sync", "--source", f"{source}/bench/tags", "--target", f"{target.address}/bench/tags"]
        run(first)

        def measure(_, tool):
            if tool == "berth":
                return run(first)
            return run(skopeo("sync", "--src-tls-verify=false", "--dest-tls-verify=false", "--src", "docker", "--dest",
                              "docker", f"{source}/bench/tags", f"{target.address}/bench"))

        return in_turns(measure, options.rounds)
    finally:
        target.remove()


def row(title, seconds, memory, goal):
    ratio = seconds["skopeo"] / seconds["berth"]
    return (f"| {title} | {seconds['berth']:.2f} s, {memory['berth'] / 1e6:.0f} MB "
            f"| {seconds['skopeo']:.2f} s, {memory['skopeo'] / 1e6:.0f} MB | {ratio:.2f} | {goal} |")


def table(folder, options):
    source = Berth(folder / "copy-source", options.berth, ["--access-log", "false"])
    source.start()
    try:
        push_image(source.address, "bench/image", ["v1"], LAYERS, LAYER)
        copied = in_turns(
            lambda number, tool: to_registry(folder, options, source.address, number, tool), options.rounds)
        laid_out = in_turns(
            lambda number, tool: to_layout(folder, options, source.address, number, tool), options.rounds)
        synchronized = synchronize(folder, options, source.address)
    finally:
        source.remove()
    return [
        f"Copies of an image of {LAYERS} layers and 1 GiB, and the most memory that was resident in the command:",
        "",
        "| what | berth | Skopeo | times as fast | to reach |",
        "|---|--:|--:|--:|--:|",
        row("from a registry to an empty one", *copied, "≥ 1.5, ≤ 60 MB"),
        row("from a registry to an OCI layout", *laid_out, "≥ 1.5, ≤ 60 MB"),
        row(f"`sync` of {TAGS:,} tags that are up to date", *synchronized, "≥ 5"),
    ]
