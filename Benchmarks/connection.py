"""One keep-alive connection to a registry, with as little between the load and the socket as there can be."""

import socket


class Unexpected(Exception):
    """An answer with another status than the load expects."""


class Connection:
    def __init__(self, address, always=""):
        """`always` are fields that every request has."""
        self.always = always
        host, port = address.rsplit(":", 1)
        self.address = address
        self.socket = socket.create_connection((host, int(port)), timeout=120)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""

    def close(self):
        self.socket.close()

    def send(self, method, target, fields="", body=b"", length=None):
        """Sends a request; with `length` only its head, and the caller sends the body."""
        size = len(body) if length is None else length
        head = f"{method} {target} HTTP/1.1\r\nHost: {self.address}\r\nContent-Length: {size}\r\n{self.always}{fields}\r\n"
        self.socket.sendall(head.encode() + body)

    def head(self):
        """Reads the head of an answer: its status and its fields in lower case."""
        while (end := self.buffer.find(b"\r\n\r\n")) < 0:
            received = self.socket.recv(65536)
            if not received:
                raise Unexpected("the server closed the connection")
            self.buffer += received
        lines = self.buffer[:end].decode("latin-1").split("\r\n")
        self.buffer = self.buffer[end + 4:]
        fields = {}
        for line in lines[1:]:
            name, _, value = line.partition(":")
            fields[name.lower()] = value.strip()
        return int(lines[0][9:12]), fields

    def body(self, fields):
        """Reads the whole body of an answer: by its length or in chunks, which small answers of registries come in."""
        if "chunked" in fields.get("transfer-encoding", ""):
            return self.chunks()
        return self.exactly(int(fields.get("content-length", 0)))

    def exactly(self, count):
        while len(self.buffer) < count:
            received = self.socket.recv(1 << 20)
            if not received:
                raise Unexpected("the server closed the connection in a body")
            self.buffer += received
        taken, self.buffer = self.buffer[:count], self.buffer[count:]
        return taken

    def chunks(self):
        whole = b""
        while True:
            while (end := self.buffer.find(b"\r\n")) < 0:
                self.buffer += self.socket.recv(65536)
            size = int(self.buffer[:end].split(b";")[0], 16)
            self.buffer = self.buffer[end + 2:]
            chunk = self.exactly(size + 2)
            if size == 0:
                return whole
            whole += chunk[:-2]

    def request(self, method, target, expected, fields="", body=b""):
        """One request with a small answer; raises where its status is not the expected one."""
        self.send(method, target, fields, body)
        status, answer = self.head()
        content = b"" if method == "HEAD" else self.body(answer)
        if status != expected:
            raise Unexpected(f"{method} {target}: {status} {content[:300]!r}, expected {expected}")
        return answer, content

    def start_upload(self, repository):
        """Begins an upload; the target to which `digest=…` is to be appended."""
        answer, _ = self.request("POST", f"/v2/{repository}/blobs/uploads/", 202)
        location = answer["location"].removeprefix(f"http://{self.address}")
        return location + ("&" if "?" in location else "?")

    def push_blob(self, repository, digest, content):
        upload = self.start_upload(repository)
        self.request("PUT", f"{upload}digest={digest}", 201, "Content-Type: application/octet-stream\r\n", content)

    def push_manifest(self, repository, reference, content, media_type):
        self.request("PUT", f"/v2/{repository}/manifests/{reference}", 201, f"Content-Type: {media_type}\r\n", content)

    def discard(self, count, view):
        """Reads so many bytes of a body and lets go of them."""
        count -= len(self.buffer)
        self.buffer = b""
        while count > 0:
            received = self.socket.recv_into(view, min(count, len(view)))
            if received == 0:
                raise Unexpected("the server closed the connection in a blob")
            count -= received
