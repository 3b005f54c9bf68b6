"""How many conversions a second this project makes durable, and at what cost, beside what else does the same.

    bench.py --tools DIRECTORY [--modules DIRECTORY] [--rounds 3] [--seconds 4] [--only NAME,...] [--out DIRECTORY]

One contestant after the other stands behind an nginx of its own with one worker, and gets the same prepared requests over 64
kept-alive connections: a visitor of its own for each, the sample body, the headers of a browser. Each round takes every
contestant in turn, warms it up, runs it as fast as it answers, and then at half of that rate. A run counts only if every
answer was the expected one, and what is stored afterwards is what was sent.

Writes results.json, ratios.json and throughput.svg into the directory, and prints tables. Everything runs as processes of this one, in
a temporary directory, on loopback and Unix sockets.
"""

import argparse
import base64
import contextlib
import hashlib
import hmac
import json
import os
import pathlib
import re
import secrets
import shutil
import socket
import sqlite3
import statistics
import struct
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PORT = 18080
CONNECTIONS = 64
BODY = json.dumps(
    {"ruleId": "article-22", "outcomeId": "graph/1#1,graph/1#2,graph/1#3,graph/2#1,graph/2#2", "conversion": "REGISTERED"})
PATH = "/zephr/public/rule-outcomes/v1/conversions"
HEADERS = f"""Host: 127.0.0.1:{PORT}
User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0
Accept: */*
Accept-Language: en-GB,en;q=0.5
Accept-Encoding: gzip, deflate
Referer: http://127.0.0.1:{PORT}/
Origin: http://127.0.0.1:{PORT}
Sec-Fetch-Dest: empty
Sec-Fetch-Mode: cors
Sec-Fetch-Site: same-origin
"""
# Where nginx's modules are, and what these need besides.
MODULES = pathlib.Path("/")
JWT_SECRET = b"an HMAC secret of 32 bytes or so"


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Tokens:
    """Tokens that differ by their subject, each signed."""

    def __init__(self, algorithm, directory, expiry=None):
        self.algorithm = algorithm
        self.expiry = expiry or int(time.time()) + 86400
        self.header = base64url(json.dumps({"alg": algorithm, "typ": "JWT"}).encode())
        if algorithm == "ES256":
            from cryptography.hazmat.primitives import serialization
            from cryptography.hazmat.primitives.asymmetric import ec

            self.key = ec.generate_private_key(ec.SECP256R1())
            (directory / "jwt.pem").write_bytes(
                self.key.public_key().public_bytes(
                    serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo))

    def sign(self, signed):
        if self.algorithm == "HS256":
            return hmac.new(JWT_SECRET, signed, hashlib.sha256).digest()
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import ec, utils

        r, s = utils.decode_dss_signature(self.key.sign(signed, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    def next(self, number):
        claims = base64url(json.dumps({"sub": f"visitor-{number}", "exp": self.expiry}).encode())
        signed = f"{self.header}.{claims}"
        return f"{signed}.{base64url(self.sign(signed.encode()))}"


def request(number, kind, tokens):
    cookie = f"blaize_tracking_id=TT{number:014X}"
    extra = ""
    if kind == "log":
        return f"GET /page HTTP/1.1\r\n{HEADERS}Cookie: {cookie}\n\n".replace("\r\n", "\n").replace("\n", "\r\n").encode()
    if kind == "session":
        cookie += f"; blaize_session=5f1e{number:032x}"
    if tokens:
        extra = f"Authorization: Bearer {tokens.next(number)}\n"
    head = (
        f"POST {PATH} HTTP/1.1\n{HEADERS}{extra}Content-Type: application/json\nContent-Length: {len(BODY)}\n"
        f"Cookie: {cookie}\n\n")
    return (head.replace("\n", "\r\n") + BODY).encode()


def prepare(path, kind, count, directory):
    """Writes `count` requests as the driver reads them."""
    tokens = Tokens(kind, directory) if kind in ("HS256", "ES256") else None
    with open(path, "wb") as file:
        for number in range(count):
            one = request(number + 1, kind, tokens)
            file.write(struct.pack("<I", len(one)) + one)


class Contestant:
    """What stands behind nginx. Subclasses start their processes and say what nginx does with a request."""

    name = ""
    title = ""
    requests = "none"
    expected = "201"
    # So many prepared requests a second of the run are enough for this one.
    rate_max = 60_000

    def __init__(self, tools):
        self.tools = tools

    def start(self, run):
        """Returns processes by the role that they are reported under, in the order of their start."""
        raise NotImplementedError

    def server(self, run):
        raise NotImplementedError

    def http(self, run):
        return ""

    def modules(self):
        return ""

    def stored(self, run):
        """How many records are stored; None where nothing is."""
        return None

    def notes(self, run):
        return {}


def spawn(*command, **options):
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=open(options.pop("log"), "ab"), **options)


def stop(process):
    process.terminate()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        # libfcgi takes SIGTERM for itself, and its example goes on.
        process.kill()
        process.wait()


def wait_for_socket(path, seconds=10):
    for _ in range(seconds * 20):
        try:
            with socket.socket(socket.AF_UNIX) as trial:
                trial.connect(str(path))
                return
        except OSError:
            time.sleep(0.05)
    raise SystemExit(f"bench.py: nothing listens on {path}")


def configure(run, site):
    """Writes a configuration of both daemons with one site, the secrets that it names, and an empty data directory. Returns
    the subject secret."""
    secret = base64.b64encode(secrets.token_bytes(32)) + b"\n"
    (run / "subject.secret").write_bytes(secret)
    (run / "jwt.secret").write_bytes(JWT_SECRET)
    for name in ("subject.secret", "jwt.secret"):
        os.chmod(run / name, 0o600)
    (run / "data").mkdir(mode=0o700)
    (run / "config.yaml").write_text(
        f"""
responder:
  listen: unix:responder.sock
  exposureSocket: exposures.sock
  subjectSecret: subject.secret
aggregator:
  socket: aggregator.sock
  analyticsSocket: analytics.sock
  dataDirectory: data
sites:
  default:
    origins: [http://127.0.0.1:{PORT}]
    {site}
""")
    return secret


PLAIN = """
    upstream plain { server unix:%(run)s/%(socket)s max_fails=0; keepalive 64; }
"""
PLAIN_SERVER = """
        location = /zephr/public/rule-outcomes/v1/conversions {
            include /etc/nginx/fastcgi_params;
            fastcgi_pass plain;
            fastcgi_keep_conn on;
            access_log off;
        }
"""


class Threads(Contestant):
    name, title = "threads", "C, libfcgi, 70 threads, stores nothing; plain location"
    program = "threads"

    def start(self, run):
        process = spawn(self.tools / self.program, run / "threads.sock", log=run / "log")
        wait_for_socket(run / "threads.sock")
        return {"responder": process}

    def http(self, run):
        return PLAIN % {"run": run, "socket": "threads.sock"}

    def server(self, run):
        return PLAIN_SERVER


class LimitPlain(Threads):
    name, title = "limit-plain", "the limit: a constant 201; plain location"
    program = "limit"


class BehindOurFiles(Contestant):
    """nginx with this project's own files, changed in nothing but where sockets and logs are."""

    files = "conversions.conf"
    directory = ROOT / "nginx"

    def http(self, run):
        target = run / "rule-outcomes"
        target.mkdir()
        for file in self.directory.glob("*.conf"):
            text = file.read_text().replace("/run/rule-outcomes/", f"{run}/").replace("/var/log/nginx/", f"{run}/")
            (target / file.name).write_text(text)
        shutil.copy(self.directory / "client.js", target)
        self.decide(target, run)
        return "include rule-outcomes/http.conf;"

    def decide(self, target, run):
        pass

    def server(self, run):
        return f"include rule-outcomes/{self.files};"


class Limit(BehindOurFiles):
    name, title = "limit", "the limit: a constant 201; behind this project's files"

    def start(self, run):
        process = spawn(self.tools / "limit", run / "responder.sock", log=run / "log")
        wait_for_socket(run / "responder.sock")
        return {"responder": process}


class Ours(BehindOurFiles):
    name, title = "ours", "rule-outcomes, no credential"
    site = "credentials: {required: false}"

    def start(self, run):
        configure(run, self.site)
        programs = self.tools / "programs"
        aggregator = spawn(programs / "rule-outcomes-aggregator", "--config", run / "config.yaml", log=run / "log")
        wait_for_socket(run / "analytics.sock")
        responder = spawn(programs / "rule-outcomes-responder", "--config", run / "config.yaml", log=run / "log")
        wait_for_socket(run / "responder.sock")
        for _ in range(200):
            if self.status(run)["responders"]:
                return {"aggregator": aggregator, "responder": responder}
            time.sleep(0.05)
        raise SystemExit("bench.py: the responder does not connect; see " + str(run / "log"))

    def tool(self, run, *arguments):
        command = [self.tools / "programs/rule-outcomes", *arguments, "--config", run / "config.yaml", "--format", "json"]
        return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)

    def status(self, run):
        return self.tool(run, "status")

    def notes(self, run):
        status = self.status(run)
        return {"backlogCommits": self.backlog(status), "reportsAgeMilliseconds": status["foldAgeMilliseconds"]}

    def backlog(self, status):
        return status["journalSequence"] - status["foldedSequence"]

    def stored(self, run):
        while self.backlog(self.status(run)) > 0:
            time.sleep(0.1)
        report = self.tool(run, "report", "article-22")
        return sum(self.count(outcome) for outcome in report["outcomes"])

    def count(self, outcome):
        return sum(conversion["events"] for conversion in outcome["conversions"])


class OursHS256(Ours):
    name, title, requests = "ours-hs256", "rule-outcomes, a different HS256 token each", "HS256"
    site = "session: off\n    jwt: {secret: jwt.secret, algorithms: [HS256]}"


class OursES256(Ours):
    name, title, requests = "ours-es256", "rule-outcomes, a different ES256 token each", "ES256"
    site = "session: off\n    jwt: {publicKey: ../jwt.pem, algorithms: [ES256]}"
    rate_max = 12_000


class OursSession(Ours):
    name, title, requests = "ours-session", "rule-outcomes, a session each, verified by nginx", "session"
    site = "session: nginx"
    files = "conversions-with-sessions.conf"

    def decide(self, target, run):
        http = (target / "http.conf").read_text()
        http = re.sub(r'(oc_zephr \{\n    default )"";', rf"\g<1>127.0.0.1:{PORT};", http)
        (target / "http.conf").write_text(http)
        session = (target / "session.conf").read_text().replace("https://", "http://")
        (target / "session.conf").write_text(re.sub(r"^proxy_ssl.*\n", "", session, flags=re.M))

    def server(self, run):
        return super().server(run) + """
        location = /blaize/datalayer { default_type application/json; return 200 "{}"; }
"""


class OursLog(Ours):
    name, title, requests, expected = "ours-log", "rule-outcomes, exposures by nginx's log", "log", "200"

    def server(self, run):
        return super().server(run) + f"""
        location = /page {{
            include rule-outcomes/exposures.conf;
            proxy_pass http://unix:{run}/origin.sock;
        }}
    }}
    server {{
        listen unix:{run}/origin.sock;
        location / {{
            add_header X-Rule-Outcomes '[{{"ruleId": "article-22", "outcomeId": "graph/1#1,graph/1#2"}}]';
            return 200 "page";
        }}
"""

    def count(self, outcome):
        return outcome["exposed"]

    # Datagrams may be lost, which nginx and the responder tell.
    def stored(self, run):
        super().stored(run)
        return None

    def notes(self, run):
        notes = super().notes(run)
        report = self.tool(run, "report", "article-22")
        notes["recorded"] = sum(self.count(outcome) for outcome in report["outcomes"])
        return notes


class Lua(Contestant):
    name, title = "lua", "nginx Lua and Redis, appendfsync always"

    def start(self, run):
        (run / "redis.conf").write_text(
            f'port 0\nunixsocket {run}/redis.sock\nunixsocketperm 777\ndir {run}\nsave ""\nappendonly yes\n'
            "appendfsync always\ndaemonize no\n")
        (run / "record.lua").write_text((HERE / "record.lua").read_text().replace("RUN", str(run)))
        # One program, which goes by the name that it is called by.
        process = spawn("redis-server", run / "redis.conf", executable="/usr/bin/redis-check-rdb", log=run / "log")
        wait_for_socket(run / "redis.sock")
        return {"redis": process}

    def modules(self):
        names = ("ndk_http_module", "ngx_http_lua_module")
        return "".join(f"load_module {MODULES}/usr/lib/nginx/modules/{name}.so;\n" for name in names)

    def http(self, run):
        return f'lua_package_path "{MODULES}/usr/share/lua/5.1/?.lua;;";'

    def server(self, run):
        return f"""
        location = {PATH} {{
            client_body_buffer_size 16k;
            content_by_lua_file {run}/record.lua;
            access_log off;
        }}
"""

    def stored(self, run):
        answer = subprocess.run(
            ["redis-cli", "-s", run / "redis.sock", "llen", "records"], check=True, capture_output=True)
        return int(answer.stdout)


class PHP(Contestant):
    name, title = "php", "PHP-FPM, 16 workers, SQLite with synchronous FULL"
    rate_max = 8_000

    def start(self, run):
        database = sqlite3.connect(run / "records.sqlite")
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("CREATE TABLE records (time, visitor, rule, outcome, conversion)")
        database.close()
        (run / "record.php").write_text((HERE / "record.php").read_text().replace("RUN", str(run)))
        (run / "fpm.conf").write_text(
            f"[global]\nerror_log = {run}/log\n[site]\nlisten = {run}/threads.sock\nlisten.mode = 0666\npm = static\n"
            "pm.max_children = 16\n")
        root = ["--allow-to-run-as-root"] if os.getuid() == 0 else []
        process = spawn("php-fpm8.2", "--nodaemonize", "--fpm-config", run / "fpm.conf", *root, log=run / "log")
        wait_for_socket(run / "threads.sock")
        return {"php": process}

    def http(self, run):
        return (PLAIN % {"run": run, "socket": "threads.sock"}).replace("keepalive 64;", "")

    def server(self, run):
        # A connection that is kept keeps one of the workers.
        return PLAIN_SERVER.replace("fastcgi_keep_conn on;", f"fastcgi_param SCRIPT_FILENAME {run}/record.php;")

    def stored(self, run):
        return sqlite3.connect(run / "records.sqlite").execute("SELECT count(*) FROM records").fetchone()[0]


class Go(PHP):
    name, title, rate_max = "go", "Go, net/http/fcgi, group commit to SQLite", 60_000

    def http(self, run):
        return PLAIN % {"run": run, "socket": "threads.sock"}

    def start(self, run):
        process = spawn(self.tools / "go", run / "threads.sock", run / "records.sqlite", log=run / "log")
        wait_for_socket(run / "threads.sock")
        return {"go": process}

    def server(self, run):
        return PLAIN_SERVER


ALL = [Ours, OursHS256, OursES256, OursSession, OursLog, Limit, LimitPlain, Threads, Lua, PHP, Go]


def nginx_configuration(contestant, run, port=PORT):
    user = "user root;" if os.getuid() == 0 else ""
    return f"""
{contestant.modules()}{user}
worker_processes 1;
pid nginx.pid;
error_log {run}/nginx-error.log warn;
daemon off;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    keepalive_requests 100000000;
    client_body_temp_path tmp; proxy_temp_path tmp; fastcgi_temp_path tmp; uwsgi_temp_path tmp; scgi_temp_path tmp;
    {contestant.http(run)}
    server {{
        listen 127.0.0.1:{port} backlog=4096;
        {contestant.server(run)}
    }}
}}
"""


def descendants(process):
    """A process and those it has started."""
    found = [process]
    for path in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(fields[1]) == process:
            found += descendants(int(path.parent.name))
    return found


def processor_seconds(processes):
    """Of all threads of all processes, by the scheduler's own account."""
    total = 0
    for process in processes:
        for path in pathlib.Path(f"/proc/{process}/task").glob("*/schedstat"):
            try:
                total += int(path.read_text().split()[0])
            except OSError:
                pass
    return total / 1e9


def wait_until_idle(process, seconds=2):
    """Until it has next to nothing to do for so long."""
    before, quiet = -1, 0
    while quiet < seconds * 4:
        time.sleep(0.25)
        now = processor_seconds([process.pid])
        quiet = quiet + 1 if now - before < 0.005 else 0
        before = now


def resident_bytes(processes):
    total = 0
    for process in processes:
        try:
            total += int(pathlib.Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        except OSError:
            pass
    return total


def drive(tools, requests, seconds, rate=0, port=PORT):
    command = [tools / "driver", str(port), requests, str(CONNECTIONS), str(seconds), str(rate)]
    return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)


@contextlib.contextmanager
def serving(contestant, run, port=PORT, under=()):
    """Starts the contestant, and nginx in front of it; stops both in the end. Gives the numbers of their processes, by role.

    `under`: a command that runs nginx, as a single process then, such as valgrind."""
    (run / "tmp").mkdir()
    processes = contestant.start(run)
    nginx = None
    try:
        (run / "nginx.conf").write_text(nginx_configuration(contestant, run, port))
        libraries = ":".join(str(path) for path in MODULES.glob("usr/lib/*-linux-gnu"))
        single = ["-g", "master_process off;"] if under else []
        nginx = spawn(
            *under, "nginx", "-p", run, "-c", run / "nginx.conf", *single, log=run / "log",
            env={**os.environ, "LD_LIBRARY_PATH": libraries})
        for _ in range(200):
            with socket.socket() as trial:
                if trial.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        roles = {role: descendants(process.pid) for role, process in processes.items()}
        roles["nginx"] = descendants(nginx.pid)
        yield roles
    finally:
        for process in [nginx, *reversed(list(processes.values()))]:
            if process is not None:
                stop(process)


def split(path, sizes, directory):
    """Cuts a file of prepared requests in pieces, so that no two runs send the same visitor. Returns the pieces."""
    pieces = []
    with open(path, "rb") as file:
        for index, size in enumerate(sizes):
            piece = directory / f"piece-{index}"
            with open(piece, "wb") as output:
                for _ in range(size):
                    head = file.read(4)
                    if not head:
                        break
                    output.write(head + file.read(struct.unpack("<I", head)[0]))
            pieces.append(piece)
    return pieces


def measure(contestant, prepared, seconds, work):
    """One run of one contestant: as fast as it answers, then at half of that."""
    run = pathlib.Path(tempfile.mkdtemp(prefix=f"{contestant.name}-", dir=work))
    fast = int(contestant.rate_max * seconds)
    warm = contestant.rate_max // 2
    pieces = split(prepared, [warm, fast, fast // 2], run)
    with serving(contestant, run) as roles:
        sent = drive(contestant.tools, pieces[0], 1)["statuses"].get(contestant.expected, 0)
        before = {role: processor_seconds(pids) for role, pids in roles.items()}
        full = drive(contestant.tools, pieces[1], seconds)
        after = {role: processor_seconds(pids) for role, pids in roles.items()}
        notes = contestant.notes(run)
        resident = {role: resident_bytes(pids) for role, pids in roles.items()}
        count = full["statuses"].get(contestant.expected, 0)
        throughput = count / full["seconds"]
        half = drive(contestant.tools, pieces[2], seconds, throughput / 2)
        for result in (full, half):
            others = {status: n for status, n in result["statuses"].items() if status != contestant.expected}
            if others or result["failures"]:
                raise SystemExit(f"bench.py: {contestant.name}: answers {others}, failures {result['failures']}; see {run}")
            sent += result["statuses"].get(contestant.expected, 0)
        stored = contestant.stored(run)
        if stored is not None and stored != sent:
            raise SystemExit(f"bench.py: {contestant.name}: {sent} were answered and {stored} are stored; see {run}")
    shutil.rmtree(run)
    return {
        "throughput": throughput,
        "p50": full["p50"], "p99": full["p99"],
        "halfP50": half["p50"], "halfP99": half["p99"],
        "processorMicroseconds": {role: (after[role] - before[role]) * 1e6 / count for role in roles},
        "residentBytes": resident,
        **notes,
    }


def median(rounds, key):
    values = [key(one) for one in rounds]
    return statistics.median(values)


def summary(results):
    lines = [
        f"{'':52} {'a second':>9} {'p50 ms':>7} {'p99 ms':>7} {'half p99':>8}  processor time a request, µs"]
    for name, result in results.items():
        rounds = result["rounds"]
        processor = {
            role: median(rounds, lambda one: one["processorMicroseconds"][role])
            for role in rounds[0]["processorMicroseconds"]}
        text = ", ".join(f"{role} {time:.1f}" for role, time in processor.items())
        lines.append(
            f"{result['title']:52} {median(rounds, lambda one: one['throughput']):9.0f} "
            f"{median(rounds, lambda one: one['p50']) / 1000:7.2f} {median(rounds, lambda one: one['p99']) / 1000:7.2f} "
            f"{median(rounds, lambda one: one['halfP99']) / 1000:8.2f}  {text}")
    return "\n".join(lines)


def ratios(results):
    """One number for each figure that is kept, as far as the contestants it needs were measured. Each is the median of the
    rounds' own ratios: what slows the machine down in a round slows both."""

    def each(first, second, key):
        if first not in results or second not in results:
            return None
        pairs = zip(results[first]["rounds"], results[second]["rounds"])
        return round(statistics.median(key(a) / key(b) for a, b in pairs), 3)

    def throughput(one):
        return one["throughput"]

    def nginx(one):
        return one["processorMicroseconds"]["nginx"]

    def own(one):
        return sum(time for role, time in one["processorMicroseconds"].items() if role != "nginx")

    found = {
        "throughput ÷ limit behind the same files": each("ours", "limit", throughput),
        "throughput with HS256 ÷ limit behind the same files": each("ours-hs256", "limit", throughput),
        "throughput with ES256 ÷ limit behind the same files": each("ours-es256", "limit", throughput),
        "throughput ÷ C threads": each("ours", "threads", throughput),
        "throughput ÷ nginx Lua and Redis": each("ours", "lua", throughput),
        "throughput ÷ PHP-FPM and SQLite": each("ours", "php", throughput),
        "throughput ÷ Go and SQLite": each("ours", "go", throughput),
        "limit behind our files ÷ limit in a plain location": each("limit", "limit-plain", throughput),
        "nginx's time behind our files ÷ in a plain location": each("limit", "limit-plain", nginx),
        "processor time ÷ C threads": each("ours", "threads", own),
        "p99 at half load ÷ C threads": each("ours", "threads", lambda one: one["halfP99"]),
    }
    return {name: value for name, value in found.items() if value is not None}


def keep_ratios(directory, found):
    """Writes figures beside those that other benchmarks have written."""
    path = directory / "ratios.json"
    known = json.loads(path.read_text()) if path.exists() else {}
    path.write_text(json.dumps({**known, **found}, indent=1, ensure_ascii=False) + "\n")


def draw(results, path):
    """A bar for each contestant: conversions a second, the median of the rounds, which stand as dots."""
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "throughput"
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(9, 0.5 + 0.42 * len(results)))
    for place, result in enumerate(reversed(results.values())):
        values = [one["throughput"] for one in result["rounds"]]
        axes.barh(place, statistics.median(values), color="#2a6f97" if "rule-outcomes" in result["title"] else "#a9b4be")
        axes.plot(values, [place] * len(values), "o", color="#14213d", markersize=3)
    axes.set_yticks(range(len(results)), [result["title"] for result in reversed(results.values())])
    axes.set_xlabel("answers a second")
    axes.spines[["top", "right"]].set_visible(False)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})


def main():
    global MODULES
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--only", default="", help="names of contestants, with commas between")
    parser.add_argument("--tools", type=pathlib.Path, required=True, help="where driver and contestants were built")
    parser.add_argument("--modules", type=pathlib.Path, default=MODULES, help="where nginx's modules were unpacked")
    parser.add_argument("--programs", type=pathlib.Path, default=ROOT / ".build/release")
    parser.add_argument("--out", type=pathlib.Path, default=HERE / "results")
    options = parser.parse_args()
    MODULES = options.modules.resolve()
    names = options.only.split(",") if options.only else [contestant.name for contestant in ALL]
    unknown = set(names) - {contestant.name for contestant in ALL}
    if unknown:
        parser.error(f"no such contestant: {', '.join(sorted(unknown))}")
    contestants = [contestant for contestant in ALL if contestant.name in names]
    work = pathlib.Path(tempfile.mkdtemp(prefix="bench-"))
    try:
        tools = work / "tools"
        tools.mkdir()
        for tool in options.tools.iterdir():
            os.symlink(tool.resolve(), tools / tool.name)
        os.symlink(options.programs.resolve(), tools / "programs")
        prepared = {}
        for contestant in contestants:
            count = int(contestant.rate_max * (0.5 + options.seconds * 1.5)) + 1
            known = prepared.get(contestant.requests, (None, 0))
            if known[1] < count:
                path = work / f"requests-{contestant.requests}"
                prepare(path, contestant.requests, count, work)
                prepared[contestant.requests] = (path, count)
        results = {contestant.name: {"title": contestant.title, "rounds": []} for contestant in contestants}
        for number in range(options.rounds):
            for contestant in contestants:
                path, _ = prepared[contestant.requests]
                one = measure(contestant(tools), path, options.seconds, work)
                results[contestant.name]["rounds"].append(one)
                print(f"round {number + 1}, {contestant.name}: {one['throughput']:.0f} a second", file=sys.stderr)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    options.out.mkdir(parents=True, exist_ok=True)
    found = ratios(results)
    (options.out / "results.json").write_text(json.dumps(results, indent=1) + "\n")
    keep_ratios(options.out, found)
    draw(results, options.out / "throughput.svg")
    print(summary(results))
    print()
    for name, value in found.items():
        print(f"{name:60} {value:7.3f}")


if __name__ == "__main__":
    main()
