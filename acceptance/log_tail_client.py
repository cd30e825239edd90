#!/usr/bin/env python3
"""A client of a tail: as much of websockets as it needs, and a program that writes every message that it receives to a file,
a line each with the time it came, until it is killed.

    log_tail_client.py PORT PATH_WITH_QUERY FILE
"""

import base64
import hashlib
import json
import os
import socket
import struct
import sys
import time

LOOPBACK = "127.0.0.1"
ACCEPT = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
TEXT, CLOSE, PING, PONG = 1, 8, 9, 10
CONNECT_SECONDS = 20


class Refused(Exception):
    """The server answered something else than a change of protocols: a status and a text."""

    def __init__(self, status, text):
        super().__init__("%d %s" % (status, text))
        self.status, self.text = status, text


class Closed(Exception):
    """The server closed the tail: a code and a reason."""

    def __init__(self, code, reason):
        super().__init__("%d %s" % (code, reason))
        self.code, self.reason = code, reason


class Tail:
    """A websocket to the server; messages are texts."""

    def __init__(self, port, path, receive_buffer=None, headers=()):
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(CONNECT_SECONDS)
        self.socket.connect((LOOPBACK, port))
        key = base64.b64encode(os.urandom(16)).decode()
        head = ["GET %s HTTP/1.1" % path, "Host: %s:%d" % (LOOPBACK, port), "Upgrade: websocket", "Connection: Upgrade",
                "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: " + key, "Origin: http://elsewhere.example", *headers]
        self.socket.sendall(("\r\n".join(head) + "\r\n\r\n").encode())
        self.bytes, self.text = b"", b""
        while b"\r\n\r\n" not in self.bytes:
            self.more()
        answer, self.bytes = self.bytes.split(b"\r\n\r\n", 1)
        lines = answer.decode().split("\r\n")
        status = int(lines[0].split(" ")[1])
        fields = {name.strip().lower(): value.strip() for name, value in (line.split(":", 1) for line in lines[1:])}
        if status != 101:
            while len(self.bytes) < int(fields.get("content-length", 0)):
                self.more()
            raise Refused(status, self.bytes.decode(errors="replace"))
        wanted = base64.b64encode(hashlib.sha1((key + ACCEPT).encode()).digest()).decode()
        assert fields["sec-websocket-accept"] == wanted, fields
        self.socket.settimeout(None)

    def more(self):
        piece = self.socket.recv(1 << 16)
        if not piece:
            raise Closed(1006, "the connection ended")
        self.bytes += piece

    def frame(self):
        """The next frame whole: kind, whether it is the last one of its message, payload."""
        while True:
            found = whole_frame(self.bytes)
            if found:
                kind, last, start, end = found
                payload, self.bytes = self.bytes[start:end], self.bytes[end:]
                return kind, last, payload
            self.more()

    def send(self, kind, payload, head=b""):
        """Sends a frame, masked as clients must."""
        mask = os.urandom(4)
        length = bytes([128 | len(payload)]) if len(payload) < 126 else bytes([254]) + struct.pack(">H", len(payload)) \
            if len(payload) < 65536 else bytes([255]) + struct.pack(">Q", len(payload))
        masked = bytes(byte ^ mask[place % 4] for place, byte in enumerate(payload))
        self.socket.sendall(head or bytes([128 | kind]) + length + mask + masked)

    def message(self, seconds=None):
        """The next message, none where none comes in time; pings are answered."""
        end = None if seconds is None else time.monotonic() + seconds
        while True:
            if end is not None:
                self.socket.settimeout(max(0.01, end - time.monotonic()))
            try:
                kind, last, payload = self.frame()
            except TimeoutError:
                return None
            if kind == PING:
                self.send(PONG, payload)
            elif kind == CLOSE:
                code = struct.unpack(">H", payload[:2])[0] if len(payload) >= 2 else 1005
                raise Closed(code, payload[2:].decode(errors="replace"))
            elif kind in (TEXT, 0):
                self.text += payload
                if last:
                    text, self.text = self.text, b""
                    return json.loads(text)

    def abort(self):
        """Ends the connection without a word."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()


def whole_frame(data):
    """Kind, last, and where the payload stands, of the frame at the start; none if it is not there yet."""
    if len(data) < 2:
        return None
    assert not data[1] & 128, "a server masks nothing"
    length, start = data[1] & 127, 2
    if length > 125:
        size = 2 if length == 126 else 8
        if len(data) < 2 + size:
            return None
        length, start = int.from_bytes(data[2:2 + size], "big"), 2 + size
    return (data[0] & 15, data[0] >> 7, start, start + length) if len(data) >= start + length else None


def entries(message):
    """The entries of a message, in its order: (labels, nanoseconds, line)."""
    for stream in message["streams"] or []:
        for value in stream["values"]:
            yield stream["stream"], int(value[0]), value[1]


def main():
    port, path, out = int(sys.argv[1]), sys.argv[2], sys.argv[3]
    with open(out, "w", encoding="utf-8") as file:
        tail = Tail(port, path)
        print(json.dumps({"connected": time.time()}), file=file, flush=True)
        try:
            while True:
                print(json.dumps({"at": time.time(), **tail.message()}), file=file, flush=True)
        except Closed as closed:
            print(json.dumps({"closed": closed.code, "reason": closed.reason}), file=file, flush=True)


if __name__ == "__main__":
    main()
