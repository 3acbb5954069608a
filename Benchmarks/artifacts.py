"""Small artifacts, two blobs of 1 KiB and a manifest, pushed and pulled by several clients at once as clients do it."""

import hashlib
import multiprocessing
import time

from connection import Connection

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
BLOB_SIZE = 1024


def digest_of(content):
    return "sha256:" + hashlib.sha256(content).hexdigest()


def blob(seed, part):
    return f"{seed} {part} ".encode().ljust(BLOB_SIZE, b".")


def manifest_of(config, layer):
    return (
        f'{{"schemaVersion":2,"mediaType":"{MANIFEST}",'
        f'"config":{{"mediaType":"application/vnd.example.config","digest":"{config}","size":{BLOB_SIZE}}},'
        f'"layers":[{{"mediaType":"application/vnd.example.layer","digest":"{layer}","size":{BLOB_SIZE}}}]}}'
    ).encode()


def push(connection, repository, tag, seed):
    """Asks for each blob, pushes it, then pushes the manifest: seven requests, as ORAS and Helm send them."""
    digests = []
    for part in ("config", "layer"):
        content = blob(seed, part)
        digest = digest_of(content)
        connection.request("HEAD", f"/v2/{repository}/blobs/{digest}", 404)
        connection.push_blob(repository, digest, content)
        digests.append(digest)
    connection.push_manifest(repository, tag, manifest_of(*digests), MANIFEST)


def pull(connection, repository, tag, seed):
    """Asks for the manifest by its tag and for both blobs, and compares what comes back."""
    digests = [digest_of(blob(seed, part)) for part in ("config", "layer")]
    _, manifest = connection.request("GET", f"/v2/{repository}/manifests/{tag}", 200, f"Accept: {MANIFEST}\r\n")
    if manifest != manifest_of(*digests):
        raise ValueError(f"{repository}:{tag} is not what was pushed")
    for part, digest in zip(("config", "layer"), digests):
        _, content = connection.request("GET", f"/v2/{repository}/blobs/{digest}", 200)
        if content != blob(seed, part):
            raise ValueError(f"{digest} is not what was pushed")


class Result:
    """What the clients of a load did in how many seconds, and the seconds of processor time it took them."""

    def __init__(self, outcomes):
        self.counts = [len(samples) for samples, _, _ in outcomes]
        # When each began, on the clock of the machine, and how long it took, in seconds.
        self.samples = [sample for samples, _, _ in outcomes for sample in samples]
        self.latencies = sorted(latency for _, latency in self.samples)
        self.seconds = max(seconds for _, seconds, _ in outcomes)
        self.processor_share = sum(processor for _, _, processor in outcomes) / self.seconds

    @property
    def rate(self):
        return len(self.latencies) / self.seconds


def percentile(ordered, share):
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def client(number, operation, address, repository, seed, seconds, known, start, results):
    connection = Connection(address)
    samples = []
    start.wait()
    began = time.monotonic()
    processor = time.process_time()
    index = 0
    try:
        while (now := time.monotonic()) - began < seconds:
            artifact = index % known[number] if known else index
            operation(connection, repository, f"{seed}-{number}-{artifact}", f"{seed} {number} {artifact}")
            samples.append((now, time.monotonic() - now))
            index += 1
        results.put((number, (samples, time.monotonic() - began, time.process_time() - processor)))
    except Exception as error:
        results.put((number, error))
    connection.close()


def load(operation, address, repository, seed, clients, seconds, known=None):
    """Runs an operation in as many processes as there are clients.

    For a pull `known` is how many artifacts each client pushed before, under the same seed.
    """
    context = multiprocessing.get_context("fork")
    start = context.Barrier(clients)
    results = context.Queue()
    processes = [
        context.Process(target=client, args=(
            number, operation, address, repository, seed, seconds, known, start, results))
        for number in range(clients)
    ]
    for process in processes:
        process.start()
    outcomes = dict(results.get(timeout=seconds + 120) for _ in processes)
    for process in processes:
        process.join()
    for outcome in outcomes.values():
        if isinstance(outcome, Exception):
            raise outcome
    return Result([outcomes[number] for number in range(clients)])
