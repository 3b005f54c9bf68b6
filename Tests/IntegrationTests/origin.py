"""The site behind nginx whose pages use the client: serves pages, and lets a test see and answer what they send.

    /page/NAME         a page of pages.py
    /script/NAME       a script of pages.py
    /mark/NAME         noted, and answered with nothing
    /tap/NAME/PATH     what a page sends to the endpoint: noted, and answered as the test says, or passed on to nginx
"""
import http.client
import http.server
import threading

COOKIES = ["blaize_tracking_id={}", "blaize_session=anonymous"]
# What the endpoint goes by, of what a browser sends.
PASSED_ON = ["Cookie", "Content-Type", "Origin", "Sec-Fetch-Site", "User-Agent"]


class Origin:
    """Everything that came, in order, and what is to be answered."""

    def __init__(self, port, nginx):
        self.nginx = nginx
        self.pages, self.scripts, self.headers = {}, {}, {}
        self.answers = {}
        self.notes = []
        self.changed = threading.Condition()
        handler = type("Handler", (Handler,), {"origin": self})
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def note(self, name, what, **details):
        with self.changed:
            self.notes.append({"name": name, "what": what, **details})
            self.changed.notify_all()

    def of(self, name):
        with self.changed:
            return [note for note in self.notes if note["name"] == name]

    def wait(self, name, count, seconds=20):
        """The first notes of that name, once there are so many; fewer where they do not come."""
        with self.changed:
            self.changed.wait_for(lambda: sum(note["name"] == name for note in self.notes) >= count, seconds)
        return self.of(name)


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def do_GET(self):
        kind, name = (self.path.split("?")[0].split("/") + ["", ""])[1:3]
        if kind == "mark":
            self.origin.note(name, "mark", purpose=self.headers.get("Sec-Purpose"))
            return self.answer(204)
        if kind == "script":
            return self.answer(200, self.origin.scripts[name], {"Content-Type": "text/javascript"})
        if kind != "page":
            return self.answer(404)
        headers = {"Content-Type": "text/html; charset=utf-8"} | self.origin.headers.get(name, {})
        cookies = [cookie.format(name) + "; Path=/; Domain=site.localhost" for cookie in COOKIES]
        self.answer(200, self.origin.pages.get(name, "<p>nothing"), headers, cookies)

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        _, _, name, path = self.path.split("/", 3)
        self.origin.note(
            name, path.rsplit("/", 1)[1], body=body.decode(), type=self.headers.get("Content-Type"),
            mode=self.headers.get("Sec-Fetch-Mode"))
        answers = self.origin.answers.get(name)
        if answers:
            status, headers = answers.pop(0)
            return self.answer(status, "as the test says", headers)
        connection = http.client.HTTPConnection("127.0.0.1", self.origin.nginx)
        headers = {key: self.headers[key] for key in PASSED_ON if key in self.headers}
        connection.request("POST", "/" + path, body, headers)
        answer = connection.getresponse()
        self.answer(answer.status, answer.read().decode())

    def answer(self, status, text="", headers={}, cookies=[]):
        body = text.encode()
        self.send_response(status)
        for key, value in headers.items():
            self.send_header(key, value)
        for cookie in cookies:
            self.send_header("Set-Cookie", cookie)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
