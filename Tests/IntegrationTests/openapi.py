"""Holds the running programs against docs/openapi.yaml: sends requests made from it, and checks every answer.

    openapi.py recording DIRECTORY SCHEMA http://127.0.0.1:PORT    with a token in the environment's TOKEN
    openapi.py analytics DIRECTORY SCHEMA SOCKET

Schemathesis makes the requests: those that the description allows, those that it forbids, and those of other methods.
All of its checks are on; what it cannot know stands here, with the reason. Whatever is written goes into DIRECTORY. The
exit status is 0 when nothing is wrong. The last lines say what had success often enough to have been checked.
"""
import collections
import datetime
import io
import itertools
import json
import os
import re
import socket
import sys
import threading
import urllib.parse
import xml.etree.ElementTree
import zipfile
import zoneinfo

import openapi_spec_validator
import schemathesis
import yaml
from hypothesis import strategies
from schemathesis.cli import schemathesis as command_line

SEED = "20261101"
TAGS = {"recording": ["Recording"], "analytics": ["Analytics", "Operation"]}
# How many requests are made at random, of each operation and of each path through the links between operations.
EXAMPLES = {"recording": "150", "analytics": "120"}
# How many answers of success each operation has to have had, in each form that they have.
SUCCESSES_MIN = {"recording": 20, "analytics": 8}

CONFIGURATION = """
[cache]
enabled = false

[output.sanitization]
keys-to-sanitize = ["authorization", "cookie", "x-zephr-jwt", "x-blaize-jwt", "jwt", "blaize_jwt", "blaize_session",
    "blaize_tracking_id"]

[warnings]
# That most requests of an operation find nothing, or that the form of an answer cannot be read: little is checked then.
fail-on = true

[phases.coverage]
unexpected-methods = {methods}
"""
METHODS = ["get", "put", "post", "delete", "options", "patch", "query"]
# nginx answers TRACE by itself, before it looks at any location: 405, but without Allow.
OTHER_METHODS = {"recording": METHODS, "analytics": METHODS + ["trace"]}

BODY_BYTES_MAX = 16384
LIMITS = {"ruleId": 256, "outcomeId": 1024, "conversion": 256}
TRACKING_ID = re.compile(r"[\x21\x23-\x2B\x2D-\x3A\x3C-\x5B\x5D-\x7E]{1,256}")

answers = collections.Counter()
successes = collections.Counter()


# What requests are made of, and answers are read as.

# Areas and places: names without a slash are abbreviations for the most part, and localtime is this machine's.
schemathesis.openapi.format(
    "tz-name",
    strategies.sampled_from(sorted(name for name in zoneinfo.available_timezones() if "/" in name) + ["UTC"]))


@schemathesis.hook
def before_load_schema(context, schema):
    """A body of text is JSON all the same. Schemathesis does not look at contentSchema."""
    for path in schema["paths"].values():
        content = path.get("post", {}).get("requestBody", {}).get("content", {})
        if "text/plain" in content:
            content["text/plain"] = {"schema": content["text/plain"]["schema"]["contentSchema"]}


forms = itertools.cycle([{}, *({"format": name} for name in ("csv", "ndjson", "xlsx"))])


@schemathesis.hook
def map_query(context, query):
    """Most requests would ask for no format, and get JSON. In turn three in four are given another one."""
    if query is not None and "format" in context.operation.query and "format" not in query:
        return {**query, **next(forms)}
    return query


@schemathesis.serializer("text/plain")
def json_text(context, value):
    return value if isinstance(value, bytes) else json.dumps(value).encode()


@schemathesis.deserializer("application/x-ndjson")
def ndjson_lines(context, response):
    return [json.loads(line) for line in response.content.decode().split("\n")[:-1]]


@schemathesis.deserializer("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
def workbook(context, response):
    with zipfile.ZipFile(io.BytesIO(response.content)) as archive:
        for name in archive.namelist():
            xml.etree.ElementTree.fromstring(archive.read(name))
    return response.content.decode("latin-1")


@schemathesis.deserializer("text/csv")
def csv_text(context, response):
    return response.content.decode()


# What the description says in words, because JSON Schema cannot say it.

def has_nul(value):
    if isinstance(value, dict):
        return any(has_nul(name) or has_nul(member) for name, member in value.items())
    if isinstance(value, list):
        return any(map(has_nul, value))
    return isinstance(value, str) and "\0" in value


def is_beyond_limits(body):
    """JSON Schema counts characters, and the limits are in bytes. Nor can it forbid NUL wherever it may stand."""
    if isinstance(body, list):
        return any(map(is_beyond_limits, body))
    if not isinstance(body, dict):
        return False
    texts = {name: body[name] for name in LIMITS if isinstance(body.get(name), str)}
    return has_nul(body) or any(len(text.encode()) > LIMITS[name] for name, text in texts.items())


def moment(text, is_end):
    if "T" in text:
        return datetime.datetime.fromisoformat(text)
    day = datetime.datetime.fromisoformat(text + "T00:00:00+00:00")
    return day + datetime.timedelta(days=1) if is_end else day


def is_backwards(query):
    """`to` has to be later than `from`. Where they are less than two days apart, that may depend on the time zone."""
    try:
        return moment(query["to"], True) - moment(query["from"], False) < datetime.timedelta(days=2)
    except (KeyError, TypeError, ValueError, OverflowError):
        return False


def is_tracking_id_as_sent(case, response):
    """Spaces around a cookie are none of its value, and a semicolon ends it: the value sent can be a good one after all."""
    value = str((case.cookies or {}).get("blaize_tracking_id", ""))
    header = response.request.headers.get("Cookie", "")
    sent = [cookie.strip().partition("=") for cookie in header.split(";")]
    values = [text.strip() for name, _, text in sent if name.strip().lower() == "blaize_tracking_id"]
    return not TRACKING_ID.fullmatch(value) and bool(values and TRACKING_ID.fullmatch(values[0]))


def presents_too_many_tokens(request):
    """Each place may hold a token, and of different ones three are verified."""
    headers = request.headers
    cookies = [cookie.strip().partition("=") for cookie in headers.get("Cookie", "").split(";")]
    query = urllib.parse.parse_qs(urllib.parse.urlsplit(request.url).query)
    values = [headers.get(name, "") for name in ("X-Zephr-Jwt", "X-Blaize-Jwt")]
    values += [headers.get("Authorization", "").partition(" ")[2]]
    values += [text for name, _, text in cookies if name.lower() == "blaize_jwt"] + query.get("jwt", [])
    tokens = {token.strip() for value in values for token in value.split(",")}
    return len(tokens - {""}) > 3


@schemathesis.hook
def filter_failure(context, failure, case, response):
    kind = type(failure).__name__
    if kind == "RejectedPositiveData" and response.status_code == 400:
        return not (
            is_beyond_limits(case.body) or is_backwards(case.query or {}) or presents_too_many_tokens(response.request))
    if kind == "RejectedPositiveData" and response.status_code == 413:
        return len(response.request.body or b"") <= BODY_BYTES_MAX
    if kind == "AcceptedNegativeData":
        return not is_tracking_id_as_sent(case, response)
    return True


@schemathesis.check
def other_methods_are_refused_as_described(context, response, case):
    """Where the method is another one, Schemathesis looks at the status and for Allow, and at nothing else."""
    definition = case.operation.responses.find_by_status_code(405)
    if response.status_code != 405 or definition is None:
        return
    case.operation.validate_response(response, case=case)
    for name, header in definition.headers.items():
        values = response.headers.get(name.lower()) or []
        assert values or not header.is_required, f"405 without {name}"
        assert all(map(header.validator.is_valid, values)), f"405 with {name}: {', '.join(values)}"


@schemathesis.hook
def after_call(context, case, response):
    if response.request.method != case.operation.method.upper():
        answers["other methods", response.status_code] += 1
        return
    answers[case.operation.label, response.status_code] += 1
    form = "".join(response.headers.get("content-type", [])).partition(";")[0]
    successes[f"{case.operation.label} {form}".strip()] += 1 if response.status_code < 300 else 0


# Running it.

class Relay:
    """A port of the loopback address that leads to a Unix socket, byte for byte: Schemathesis knows no such sockets."""

    def __init__(self, path):
        self.path = path
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            client, _ = self.listener.accept()
            server = socket.socket(socket.AF_UNIX)
            server.connect(self.path)
            for source, target in [(client, server), (server, client)]:
                threading.Thread(target=self.copy, args=(source, target), daemon=True).start()

    @staticmethod
    def copy(source, target):
        try:
            while data := source.recv(1 << 16):
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # The other side is gone.


def arguments(interface, place):
    url, phases, more = place, "examples,coverage,fuzzing", []
    if interface == "analytics":
        # Links lead from sites to their rule versions, and from these to reports.
        url, phases = Relay(place).url, phases + ",stateful"
    else:
        more = ["--header", f"Authorization: Bearer {os.environ['TOKEN']}"]
    return [
        "--no-color", "--config-file", "schemathesis.toml", "run", "schema.yaml", "--url", url,
        *(word for tag in TAGS[interface] for word in ("--include-tag", tag)), *more,
        "--checks", "all", "--phases", phases, "--max-examples", EXAMPLES[interface], "--seed", SEED,
        "--generation-database", "none", "--suppress-health-check", "all", "--request-timeout", "20",
    ]


def run(interface, place):
    try:
        command_line.main(arguments(interface, place), prog_name="schemathesis")
    except SystemExit as end:
        return end.code or 0
    return 0


def main(interface, directory, schema, place):
    with open(schema, encoding="utf-8") as file:
        description = file.read()
    openapi_spec_validator.validate(yaml.safe_load(description))
    place = place if "://" in place else os.path.abspath(place)
    os.makedirs(directory, exist_ok=True)
    os.chdir(directory)
    with open("schema.yaml", "w", encoding="utf-8") as file:
        file.write(description)
    with open("schemathesis.toml", "w", encoding="utf-8") as file:
        file.write(CONFIGURATION.format(methods=OTHER_METHODS[interface]))
    status = run(interface, place)
    for (operation, code), count in sorted(answers.items()):
        print(f"{count:6} {code} {operation}")
    reached = sorted(name for name, count in successes.items() if count >= SUCCESSES_MIN[interface])
    print(f"{SUCCESSES_MIN[interface]} answers of success or more: {', '.join(reached)}\n{len(reached)} in all")
    return status


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
