"""Holds the running programs against docs/openapi.yaml: sends requests made from it, and checks every answer.

    openapi.py recording DIRECTORY SCHEMA http://127.0.0.1:PORT    with a token in the environment's TOKEN
    openapi.py analytics DIRECTORY SCHEMA SOCKET

Schemathesis makes the requests: those that the description allows, those that it forbids, and other methods. All of its
checks are on. What they cannot know stands in this file, with the reason. Whatever is written goes into DIRECTORY. The
exit status is 0 if nothing is wrong and the answers that matter were reached.
"""
import collections
import datetime
import json
import os
import socket
import sys
import threading
import zoneinfo

import schemathesis
from hypothesis import strategies
from schemathesis.checks import CheckContext  # noqa: F401  (registers the checks)
from schemathesis.cli import schemathesis as command_line

SEED = "20261101"
# Requests of each operation, as far as they are made at random.
EXAMPLES = {"recording": 150, "analytics": 60}
# How many answers of success each operation has to have had, so that not only refusals were looked at.
SUCCESSES_MIN = {"recording": 40, "analytics": 25}

CONFIGURATION = """
[cache]
enabled = false

[output.sanitization]
# All that a request to the endpoint may have of a visitor's, beside what is taken out by default.
keys-to-sanitize = ["authorization", "cookie", "x-zephr-jwt", "x-blaize-jwt", "jwt", "blaize_tracking_id", "blaize_jwt",
    "blaize_session"]

[warnings]
# Where most requests of an operation miss what there is, or an answer's form cannot be read, little is checked.
fail-on = true

[phases.coverage]
# TRACE nginx answers by itself, before any location is looked at: 405, without Allow.
unexpected-methods = [%s]
"""
METHODS = ["get", "put", "post", "delete", "options", "patch", "query"]

answers = collections.Counter()


# What requests are made of.

event_ids = strategies.text(strategies.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=60)
schemathesis.openapi.media_type(
    "text/plain",
    strategies.fixed_dictionaries({"ruleId": event_ids, "outcomeId": event_ids, "conversion": event_ids}).map(
        lambda event: json.dumps(event).encode()
    ),
)
# The names that Debian's tz database has; the programs bring their own.
schemathesis.openapi.format("tz-name", strategies.sampled_from(sorted(zoneinfo.available_timezones())))


# What answers are made of.

@schemathesis.deserializer("application/x-ndjson")
def lines(context, response):
    return [json.loads(line) for line in response.content.decode().split("\n")[:-1]]


@schemathesis.deserializer("text/csv")
def text(context, response):
    return response.content.decode()


# What the description says in words, because JSON Schema cannot.

LIMITS = {"ruleId": 256, "outcomeId": 1024, "conversion": 256}


def has_nul(value):
    if isinstance(value, dict):
        return any(has_nul(name) or has_nul(member) for name, member in value.items())
    if isinstance(value, list):
        return any(map(has_nul, value))
    return isinstance(value, str) and "\0" in value


def is_body_beyond_words(body):
    """JSON Schema counts characters, and a field's limit is in bytes. Nor can it forbid NUL in every member there may be."""
    if not isinstance(body, dict):
        return False
    texts = {name: body[name] for name in LIMITS if isinstance(body.get(name), str)}
    return has_nul(body) or any(len(text.encode()) > LIMITS[name] for name, text in texts.items())


def moment(text, is_end):
    if len(text) == len("2026-11-01"):
        day = datetime.datetime.fromisoformat(text + "T00:00:00+00:00")
        return day + datetime.timedelta(days=1) if is_end else day
    return datetime.datetime.fromisoformat(text)


def is_time_backwards(query):
    """`to` has to be later than `from`. By less than two days that depends on the time zone."""
    try:
        start, end = moment(query["from"], False), moment(query["to"], True)
        return end - start < datetime.timedelta(days=2)
    except (KeyError, TypeError, ValueError, OverflowError):
        return False


@schemathesis.hook
def filter_failure(context, failure, case, response):
    if type(failure).__name__ == "RejectedPositiveData" and response.status_code == 400:
        return not (is_body_beyond_words(case.body) or is_time_backwards(case.query or {}))
    return True


@schemathesis.hook
def after_call(context, case, response):
    answers[case.operation.label if case.method == case.operation.method.upper() else "other methods",
            response.status_code] += 1


# Running it.

class Relay:
    """A port of the loopback address that leads to a Unix socket, byte for byte: Schemathesis knows no such sockets."""

    def __init__(self, path):
        self.path = path
        self.listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self.accept, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}"

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
            pass


def arguments(interface, place):
    if interface == "analytics":
        tags, url, header = ["Analytics", "Operation"], Relay(place).url, []
    else:
        tags, url, header = ["Recording"], place, ["--header", f"Authorization: Bearer {os.environ['TOKEN']}"]
    selection = [word for tag in tags for word in ("--include-tag", tag)]
    phases = "examples,coverage,fuzzing" + (",stateful" if interface == "analytics" else "")
    return [
        "--no-color", "--config-file", "schemathesis.toml", "run", "schema.yaml", "--url", url, *selection, *header,
        "--phases", phases, "--checks", "all", "--max-examples", str(EXAMPLES[interface]), "--seed", SEED,
        "--generation-database", "none", "--continue-on-failure", "--request-timeout", "20",
    ]


def main(interface, directory, schema, place):
    methods = METHODS + (["trace"] if interface == "analytics" else [])
    with open(schema, encoding="utf-8") as file:
        text = file.read()
    os.chdir(directory)
    with open("schema.yaml", "w", encoding="utf-8") as file:
        file.write(text)
    with open("schemathesis.toml", "w", encoding="utf-8") as file:
        file.write(CONFIGURATION % ", ".join(f'"{method}"' for method in methods))
    try:
        command_line.main(arguments(interface, place), prog_name="schemathesis")
        status = 0
    except SystemExit as exit:
        status = exit.code or 0
    print("\nAnswers:")
    for (operation, code), count in sorted(answers.items()):
        print(f"  {count:5} {code} {operation}")
    successes = collections.Counter()
    for (operation, code), count in answers.items():
        successes[operation] += count if code < 300 else 0
    del successes["other methods"]
    for operation, count in sorted(successes.items()):
        if count < SUCCESSES_MIN[interface]:
            print(f"{operation}: {count} answers of success, and there have to be {SUCCESSES_MIN[interface]}")
            status = status or 1
    print(f"operations: {len(successes)}")
    return status


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
