"""What each part of nginx's files costs nginx a request.

    nginx_share.py --tools DIRECTORY [--rounds 40] [--seconds 0.25] [--requests 4000] [--beside DIRECTORY] [--only TEXT]

The program that answers a constant 201 stands behind an nginx with this project's files, behind one with a plain location, and,
one after the other, behind this project's files with one part of them changed.

- The whole is processor time, by the scheduler's own account: both run all the while, and in each round each is asked in turn
  for a moment. `--beside` names another version of nginx's files, which takes turns with them.
- A part is far less than this varies. So parts are instructions of the same requests with it and without, which valgrind's
  callgrind counts, to some hundred. What the kernel does is not among them; both locations make the same system calls. Their
  microseconds are what instructions take by the difference of the two locations.

The driver's address is the machine's own, which has no rate in http.conf. One change gives it a visitor's.
"""

import argparse
import contextlib
import pathlib
import random
import re
import socket
import statistics
import tempfile

import bench


class Plain(bench.LimitPlain):
    title = "a plain location"


class Files(bench.Limit):
    """This project's files with changes: by file, what is found there, a regular expression, and what takes its place."""

    title = "this project's files"

    def __init__(self, tools, changes=(), directory=None):
        super().__init__(tools)
        self.changes = changes
        if directory:
            self.title, self.directory = f"those of {directory}", directory

    def decide(self, target, run):
        for file, found, replacement in self.changes:
            text, count = re.subn(found, replacement, (target / file).read_text(), flags=re.M)
            if count == 0:
                raise SystemExit(f"nginx_share.py: {file} has nothing that reads {found}")
            (target / file).write_text(text)


def without(file, *directives):
    return [(file, rf"^{directive}\b[^;]*;", "") for directive in directives]


def constant(variable):
    """A map of http.conf or derived.conf that has nothing to find."""
    file = "derived.conf" if variable in ("oc_address", "oc_open", "oc_visitor") else "http.conf"
    return [(file, rf"^(map) [^;{{]*\$({variable}) \{{[^}}]*\n\}}", r'\1 $pid $\2 { default ""; }')]


RESPONDER = "responder.conf"
# What is taken out, or put in place of what is there.
OUT = {
    "limit_conn": without("limits.conf", "limit_conn"),
    "limit_req, both, without an address to rate": without("limits.conf", "limit_req"),
    "access_log": without(RESPONDER, "access_log") + [(RESPONDER, r"\Z", "access_log off;\n")],
    "access_log: what is escaped": [("http.conf", "^log_format rule_outcomes$", "log_format rule_outcomes escape=none")],
    "$request_id": [
        (RESPONDER, r"\$request_id", '"0123456789abcdef0123456789abcdef"'), ("http.conf", r"id=\$request_id", "id=")],
    "$oc_exclude, all that it goes by": constant("oc_exclude"),
    "$oc_exclude: $oc_robot, the User-Agent": constant("oc_robot"),
    "$oc_address": constant("oc_address"),
    "$oc_open": constant("oc_open"),
    "$oc_visitor": constant("oc_visitor"),
    "$oc_site": [(RESPONDER, r"\$oc_site", "default"), ("http.conf", r"site=\$oc_site", "site=default")],
    "fastcgi_param TRACKING_COOKIE": without(RESPONDER, "fastcgi_param TRACKING_COOKIE"),
    "fastcgi_param HTTP_…, headers not passed on": without(RESPONDER, "fastcgi_param HTTP_[A-Z_]+"),
    "fastcgi_pass_request_headers": without(RESPONDER, "fastcgi_pass_request_headers")
    + [(RESPONDER, r"\Z", "fastcgi_pass_request_headers off;\n")],
    "buffers": without(
        RESPONDER, "client_body_buffer_size", "fastcgi_buffer_size", "fastcgi_buffers", "fastcgi_busy_buffers_size",
        "fastcgi_temp_file_write_size"),
    "time limits": without(
        RESPONDER, "client_body_timeout", "send_timeout", "lingering_time", "lingering_timeout", "fastcgi_connect_timeout",
        "fastcgi_send_timeout", "fastcgi_read_timeout", "fastcgi_next_upstream_timeout"),
    "add_header, fastcgi_hide_header, error_page": without(RESPONDER, "add_header", "fastcgi_hide_header", "error_page"),
}
# What is put in.
IN = {
    "an address that is rated": [
        ("http.conf", '^    127.0.0.1 "unlimited reader";', ""), ("http.conf", r"rate=\d+r/s", "rate=1000000r/s"),
        ("limits.conf", "^(limit_conn rule_outcomes_open) 50", r"\1 1000")],
}


def free_port():
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return trial.getsockname()[1]


def prepared(count, work):
    path = work / f"requests-{count}"
    bench.prepare(path, "none", count, work)
    return path


def drive(contestant, port, requests, seconds):
    """How many requests were answered, each 201."""
    answers = bench.drive(contestant.tools, requests, seconds, port=port)
    if set(answers["statuses"]) != {"201"} or answers["failures"]:
        raise SystemExit(f"nginx_share.py: {contestant.title}: answers {answers['statuses']}, failures {answers['failures']}")
    return answers["statuses"]["201"]


def times(contestants, work, rounds, seconds):
    """Microseconds of nginx's a request: of each contestant a list, with a figure for each round."""
    requests = prepared(int(50_000 * seconds), work)
    found = [[] for _ in contestants]
    with contextlib.ExitStack() as stack:
        places = []
        for contestant in contestants:
            run, port = pathlib.Path(tempfile.mkdtemp(dir=work)), free_port()
            places.append((contestant, port, stack.enter_context(bench.serving(contestant, run, port))["nginx"]))
        # The first round warms up.
        for number in range(rounds + 1):
            for index in random.sample(range(len(places)), len(places)):
                contestant, port, nginx = places[index]
                before = bench.processor_seconds(nginx)
                count = drive(contestant, port, requests, seconds)
                if number > 0:
                    found[index].append((bench.processor_seconds(nginx) - before) * 1e6 / count)
    return found


def instructions(contestant, work, count):
    """Instructions of nginx's a request."""
    run, port = pathlib.Path(tempfile.mkdtemp(dir=work)), free_port()
    valgrind = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={run}/callgrind", "--collect-atstart=no",
                "--toggle-collect=ngx_process_events_and_timers"]
    with bench.serving(contestant, run, port, under=valgrind):
        drive(contestant, port, prepared(count, work), 600)
    return int(re.search(r"^(?:summary|totals): (\d+)", (run / "callgrind").read_text(), re.M)[1]) / count


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--seconds", type=float, default=0.25)
    parser.add_argument("--requests", type=int, default=4000, help="of which instructions are counted")
    parser.add_argument("--beside", type=pathlib.Path, help="where another version of nginx's files is")
    parser.add_argument("--only", default="", help="parts that have this in their name")
    parser.add_argument("--tools", type=pathlib.Path, required=True, help="where driver and limit were built")
    options = parser.parse_args()
    tools = options.tools.resolve()
    whole = [Plain(tools), Files(tools)] + ([Files(tools, directory=options.beside.resolve())] if options.beside else [])
    with tempfile.TemporaryDirectory(prefix="nginx-share-") as directory:
        work = pathlib.Path(directory)
        microseconds = times(whole, work, options.rounds, options.seconds)
        counted = [instructions(contestant, work, options.requests) for contestant in whole]
        print(f"{'':48} {'instructions':>12} {'µs':>6}  ÷ plain")
        for contestant, count, figures in zip(whole, counted, microseconds):
            ratio = statistics.median(a / b for a, b in zip(figures, microseconds[0]))
            print(f"{contestant.title:48} {count:12.0f} {statistics.median(figures):6.1f}  {ratio:.3f}")
        plain, ours, *_ = counted
        more = statistics.median(a - b for a, b in zip(microseconds[1], microseconds[0]))
        share = more / (ours - plain) / statistics.median(microseconds[1])
        print(f"\n{'of that':48} {'instructions':>12} {'µs':>6}  share")
        for sign, parts in ((1, OUT), (-1, IN)):
            for title, changes in parts.items():
                if options.only not in title:
                    continue
                cost = sign * (ours - instructions(Files(tools, changes), work, options.requests))
                line = ("  " if sign > 0 else "+ ") + title
                print(f"{line:48} {cost:12.0f} {cost * more / (ours - plain):6.2f}  {cost * share:5.1%}")


if __name__ == "__main__":
    main()
