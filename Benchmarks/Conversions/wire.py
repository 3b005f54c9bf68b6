"""What the benchmarks say to the daemons themselves, without nginx: FastCGI to a responder, the forward protocol to an
aggregator, HTTP to the analytics socket."""

import hashlib
import hmac
import http.client
import json
import re
import socket
import struct

import bench


def connected(path):
    client = socket.socket(socket.AF_UNIX)
    client.settimeout(120)
    client.connect(str(path))
    return client


class Stream:
    """A connection of which exactly as much is read as is asked for."""

    def __init__(self, path):
        self.socket = connected(path)
        self.arrived = b""

    def send(self, data):
        self.socket.sendall(data)

    def read(self, count):
        while len(self.arrived) < count:
            more = self.socket.recv(65536)
            if not more:
                raise EOFError("the connection has ended")
            self.arrived += more
        result, self.arrived = self.arrived[:count], self.arrived[count:]
        return result

    def close(self):
        self.socket.close()


# FastCGI


class Responder(Stream):
    """One kept connection, as nginx has them."""

    def answer(self):
        """The status of the next answer, and its text."""
        output = b""
        while True:
            _, kind, _, length, padding, _ = struct.unpack(">BBHHBB", self.read(8))
            content = self.read(length + padding)[:length]
            if kind == 3:
                return int(re.match(rb"Status: (\d+)", output)[1]), output
            output += content


def nginx_parameters():
    """Names and variables of what nginx/responder.conf tells, in its order."""
    text = (bench.ROOT / "nginx/responder.conf").read_text()
    return re.findall(r"^fastcgi_param\s+(\S+)\s+(\S+);", text, re.M)


def request(number, tracking, token=None):
    """A conversion as nginx writes it: what responder.conf names, with the values of nginx's variables, then the headers.

    - number: the request's id, 32 hexadecimal digits.
    - tracking: the visitor's cookie.
    """
    body = bench.BODY.encode()
    variables = {
        "$oc_site": "default", "$oc_exclude": "", "$request_id": number, "$cookie_blaize_tracking_id": tracking,
        "$remote_addr": "192.0.2.1", "$request_method": "POST", "$document_uri": bench.PATH, "$query_string": "",
        "$content_type": "application/json", "$content_length": str(len(body)),
    }
    headers = bench.HEADERS + (f"Authorization: Bearer {token}\n" if token else "")
    headers += f"Content-Type: application/json\nContent-Length: {len(body)}\nCookie: blaize_tracking_id={tracking}"
    parameters = nginx_parameters()
    # A header of an empty parameter's name is not sent, and neither is that.
    kept = {name for name, variable in parameters if name.startswith("HTTP_") and variable == '""'}
    pairs = [(name, variables[variable]) for name, variable in parameters if name not in kept]
    for line in headers.splitlines():
        name, value = line.split(": ", 1)
        name = "HTTP_" + name.upper().replace("-", "_")
        if name not in kept:
            pairs.append((name, value))
    content = b"".join(fastcgi_length(name) + fastcgi_length(value) + name.encode() + value.encode() for name, value in pairs)
    return b"".join([
        fastcgi_record(1, struct.pack(">HB5x", 1, 1)), fastcgi_record(4, content), fastcgi_record(4, b""),
        fastcgi_record(5, body), fastcgi_record(5, b"")])


def fastcgi_length(text):
    count = len(text.encode())
    return bytes([count]) if count < 128 else struct.pack(">I", count | 1 << 31)


def fastcgi_record(kind, content):
    padding = -len(content) % 8
    return struct.pack(">BBHHBB", 1, kind, 1, len(content), padding, 0) + content + bytes(padding)


# The forward protocol: docs/forward-protocol.md


def record(number, milliseconds, site, rule, outcome, conversion=None, visitor=None):
    """An exposure, or a conversion if it has a name, with an id made of its number."""
    texts = [rule, outcome] + ([conversion] if conversion else [])
    content = (
        struct.pack("<B16sq16s", 1 if conversion else 2, scattered(number, b"record"), milliseconds,
                    scattered(number if visitor is None else visitor, b"visitor"))
        + bytes([len(site)]) + site.encode()
        + b"".join(struct.pack("<H", len(text.encode())) + text.encode() for text in texts))
    return struct.pack("<H", len(content)) + content


def scattered(number, key):
    return hashlib.blake2b(number.to_bytes(8, "little"), digest_size=16, key=key).digest()


class Aggregator(Stream):
    """A responder's end of a connection to the aggregator."""

    def __init__(self, path, secret):
        super().__init__(path)
        epoch = hmac.new(secret, b"rule-outcomes subject epoch", hashlib.sha256).digest()[:16]
        self.frame(1, b"ROFP" + struct.pack("<H", 4) + epoch)
        kind, content = self.next()
        if kind != 129:
            raise SystemExit(f"the aggregator refuses: {content[1:].decode()}")
        _, self.in_flight_max = struct.unpack("<HI", content)
        self.unanswered = 0

    def frame(self, kind, content):
        self.send(struct.pack("<IB", 1 + len(content), kind) + content)

    def next(self):
        length, kind = struct.unpack("<IB", self.read(5))
        return kind, self.read(length - 1)

    def records(self, count, milliseconds, content):
        self.frame(7, struct.pack("<Iq", count, milliseconds) + content)
        self.unanswered += count

    def committed(self, unanswered_at_most=0):
        """Waits until no more than so many records are unanswered."""
        while self.unanswered > unanswered_at_most:
            kind, content = self.next()
            if kind != 130:
                raise SystemExit(f"the aggregator answers {kind} in place of committed: {content}")
            self.unanswered -= struct.unpack("<I", content)[0]

    def forget(self, subjects):
        """Waits until they are erased; returns how many rows there were."""
        self.frame(6, struct.pack("<I", len(subjects)) + b"".join(subjects))
        while (answer := self.next())[0] == 134:
            pass
        if answer[0] != 133:
            raise SystemExit(f"the aggregator answers {answer} in place of forgotten")
        return struct.unpack("<I", answer[1])[0]


# The analytics socket


class Analytics(http.client.HTTPConnection):
    """One kept connection."""

    def __init__(self, path):
        super().__init__("localhost", timeout=120)
        self.path = path

    def connect(self):
        self.sock = connected(self.path)

    def get(self, address):
        self.request("GET", address)
        response = self.getresponse()
        content = response.read()
        if response.status != 200:
            raise SystemExit(f"{address} is answered {response.status}: {content[:200]}")
        return content

    def json(self, address):
        return json.loads(self.get(address))
