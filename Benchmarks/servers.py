"""The two registries, each started on a free port of 127.0.0.1 with a data folder of its own."""

import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

DISTRIBUTION = """\
version: 0.1
log: {{ fields: {{ service: registry }} }}
storage:
  cache: {{ blobdescriptor: inmemory }}
  filesystem: {{ rootdirectory: {data} }}
  delete: {{ enabled: true }}
http:
  addr: {address}
  headers: {{ X-Content-Type-Options: [nosniff] }}
health: {{ storagedriver: {{ enabled: true, interval: 10s, threshold: 3 }} }}
"""


def free_address():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"


class Server:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder) / self.name.lower()
        self.folder.mkdir(parents=True, exist_ok=True)
        self.data = self.folder / "data"
        self.process = None

    def start(self):
        """Starts the registry; the seconds until it is ready."""
        self.address = free_address()
        command = self.command()
        with open(self.folder / "log", "ab") as log:
            began = time.monotonic()
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        while time.monotonic() - began < 120:
            try:
                with urllib.request.urlopen(f"http://{self.address}{self.ready_path}", timeout=10):
                    return time.monotonic() - began
            except urllib.error.HTTPError:
                pass
            except OSError:
                if self.process.poll() is not None:
                    raise RuntimeError(f"{self.name} ended: {self.last_lines()}") from None
            time.sleep(0.002)
        raise RuntimeError(f"{self.name} did not get ready in 120 seconds: {self.last_lines()}")

    def stop(self):
        if self.process is None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def remove(self):
        self.stop()
        shutil.rmtree(self.folder)

    def last_lines(self):
        return (self.folder / "log").read_text(errors="replace")[-1500:]

    def processor_seconds(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def reset_peak_memory(self):
        pathlib.Path(f"/proc/{self.process.pid}/clear_refs").write_text("5")

    def peak_memory(self):
        """The most memory that was resident since the reset, in bytes."""
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
        raise RuntimeError("this kernel does not say VmHWM")


class Berth(Server):
    name = "Berth"
    ready_path = "/readyz"

    def __init__(self, folder, executable, settings=()):
        super().__init__(folder)
        self.executable = executable
        self.settings = settings

    def command(self):
        return [self.executable, "serve", "--listen", self.address, "--data", str(self.data), *self.settings]


class Distribution(Server):
    name = "Distribution"
    ready_path = "/v2/"

    def command(self):
        self.data.mkdir(exist_ok=True)
        configuration = self.folder / "config.yml"
        configuration.write_text(DISTRIBUTION.format(data=self.data, address=self.address))
        return ["docker-registry", "serve", str(configuration)]
