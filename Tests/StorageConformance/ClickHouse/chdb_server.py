"""Answers as ClickHouse's HTTP interface does, with the engine of a current version in this process.

chdb_server.py PORT DIRECTORY
"""

import os
import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from chdb import session


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Otherwise an answer's body waits for the acknowledgement of its headers.
    wbufsize = -1

    def do_POST(self):
        options = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        body = self.rfile.read(int(self.headers["Content-Length"]))
        try:
            answer, status = self.server.run(options, body), 200
        except Exception as error:
            answer, status = str(error).encode(), 500
        self.send_response(status)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *arguments):
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, port, directory):
        super().__init__(("127.0.0.1", port), Handler)
        self.directory = directory
        self.session = session.Session(os.path.join(directory, "data"))
        self.lock = threading.Lock()

    def run(self, options, body):
        # The session has one database at a time.
        with self.lock:
            self.session.query("USE " + options.get("database", "default"))
            if "query" in options:
                return self.insert(options["query"], body)
            query, _, format = body.decode().partition(" FORMAT ")
            return self.session.query(query, format or "TabSeparated").bytes()

    def insert(self, query, rows):
        with tempfile.NamedTemporaryFile(dir=self.directory) as file:
            file.write(rows)
            file.flush()
            table, _, format = query.partition(" FORMAT ")
            self.session.query(f"{table} FROM INFILE '{file.name}' FORMAT {format}")
        return b""


Server(int(sys.argv[1]), sys.argv[2]).serve_forever()
