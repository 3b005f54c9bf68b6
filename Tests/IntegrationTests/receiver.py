"""An address that notices are sent to, over TLS: receiver.py PORT CERTIFICATES SECRET_FILE OUT_FILE.

Writes of each request a line of JSON to OUT_FILE: its body, its id, and whether its signature is right. Answers what the file
OUT_FILE.status says, else 204.
"""
import base64
import hashlib
import hmac
import http.server
import json
import pathlib
import ssl
import sys
import time

PORT, CERTIFICATES, SECRET, OUT = int(sys.argv[1]), *map(pathlib.Path, sys.argv[2:])
KEY = base64.b64decode(SECRET.read_text().strip().removeprefix("whsec_"))


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *arguments):
        pass

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        name, moment = self.headers["webhook-id"], self.headers["webhook-timestamp"]
        code = hmac.new(KEY, f"{name}.{moment}.".encode() + body, hashlib.sha256).digest()
        right = self.headers["webhook-signature"] == "v1," + base64.b64encode(code).decode()
        note = {"path": self.path, "id": name, "signed": right and abs(int(moment) - time.time()) < 300,
                "type": self.headers["Content-Type"], "body": json.loads(body)}
        with OUT.open("a") as file:
            file.write(json.dumps(note) + "\n")
        status = pathlib.Path(f"{OUT}.status")
        self.send_response(int(status.read_text()) if status.exists() else 204)
        self.end_headers()


server = http.server.HTTPServer(("127.0.0.1", PORT), Handler)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(CERTIFICATES / "fullchain.pem", CERTIFICATES / "privkey.pem")
server.socket = context.wrap_socket(server.socket, server_side=True)
print("listening", flush=True)
server.serve_forever()
