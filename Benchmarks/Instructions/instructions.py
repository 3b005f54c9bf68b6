"""How many instructions a conversion costs in responder and aggregator, beside the figures that were accepted last.

    instructions.py [--accept] [--rounds 1] [--profiles DIRECTORY] [--programs DIRECTORY] [--accepted FILE]

Each daemon in turn runs under valgrind's callgrind, with fixed requests that come together in fixed numbers, 64 at a time. It
does so twice, with few and with many of them; the difference is divided by how many more they were, so that start and stop do
not count. Ends with 1 where a figure has grown by over 3 %.
"""

import argparse
import json
import pathlib
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "Conversions"))

import bench
import daemons
import wire

GROWTH_MAX = 0.03
TOGETHER = 64
# In 2100.
EXPIRY = 4_102_444_800
RULE, OUTCOME, CONVERSION = json.loads(bench.BODY).values()


# What libraries choose by the processor they run on is left out, or figures would differ between machines.
ANY_PROCESSOR = {
    "GLIBC_TUNABLES": "glibc.cpu.hwcaps=" + ",".join(
        f"-{name}" for name in "AVX2 AVX512F AVX512VL AVX512BW BMI1 BMI2 LZCNT MOVBE POPCNT RTM ERMS FSRM".split()),
    "OPENSSL_ia32cap": "0:0",
    "SWIFT_DETERMINISTIC_HASHING": "1",
}


class Counted(daemons.Daemons):
    """One of them may run under callgrind."""

    def count(self, role):
        """Starts it so."""
        callgrind = [
            "valgrind", "--tool=callgrind", "--separate-threads=yes", f"--callgrind-out-file={self.run}/{role}.callgrind"]
        return self.serving(role, under=callgrind, variables=ANY_PROCESSOR)

    def threads(self, role):
        """What callgrind wrote of each thread: the instructions, and all of the text."""
        found = [path.read_text() for path in self.run.glob(f"{role}.callgrind-*")]
        return [(int(re.search(r"^totals: (\d+)", text, re.M)[1]), text) for text in found]

    def total(self, role):
        return sum(total for total, _ in self.threads(role))


def fixed_request(number, tokens):
    return wire.request(f"{number:032x}", f"TT{number:014X}", tokens and tokens.next(number))


def responder(site, count, tokens):
    """The responder's instructions for so many requests, which come 64 at a time on as many connections."""
    aggregator = site.serving("aggregator")
    counted = site.count("responder")
    connections = [site.responder() for _ in range(TOGETHER)]
    for first in range(0, count, TOGETHER):
        # It stands still while they are written, so that it finds all of them at once.
        counted.send_signal(signal.SIGSTOP)
        for place, connection in enumerate(connections):
            connection.send(fixed_request(first + place + 1, tokens))
        counted.send_signal(signal.SIGCONT)
        for connection in connections:
            status, text = connection.answer()
            if status != 201:
                raise SystemExit(f"instructions.py: a request was answered {status}: {text}")
    site.stop(counted)
    site.stop(aggregator)
    return site.total("responder")


def send(site, count):
    client = site.aggregator()
    now = int(time.time() * 1000)
    for first in range(0, count, TOGETHER):
        content = b"".join(
            wire.record(first + place, now, "default", RULE, OUTCOME, CONVERSION) for place in range(TOGETHER))
        client.records(TOGETHER, now, content)
        client.committed()
    client.close()


def ingest(site, count):
    """The instructions of the aggregator's thread that makes records durable, for so many in frames of 64, one at a time."""
    counted = site.count("aggregator")
    send(site, count)
    site.stop(counted)
    found = [total for total, text in site.threads("aggregator") if "IngestServer" in text and "epoll_wait" in text]
    if len(found) != 1:
        raise SystemExit(f"instructions.py: {len(found)} threads of the aggregator call both epoll_wait and IngestServer")
    return found[0]


def fold(site, count):
    """The aggregator's instructions for a start with a journal of so many records of which none is counted, until all are."""
    writer = site.serving("aggregator")
    send(site, count)
    site.stop(writer)
    site.remove_store()
    counted = site.count("aggregator")
    # To ask it would count.
    bench.wait_until_idle(counted)
    site.stop(counted)
    site.stop(site.serving("aggregator"))
    starts = re.findall(r"journal at commit (\d+), (\d+) to count", site.log())
    commits = str(count // TOGETHER)
    if starts[-2:] != [(commits, commits), (commits, "0")]:
        raise SystemExit(f"instructions.py: not all was counted: {starts}")
    return site.total("aggregator")


TOKENS = bench.Tokens("HS256", None, EXPIRY)
# What is counted, how, with which site, and how many there are in the short run and in the long one.
FIGURES = {
    "responder, no credential": (lambda site, count: responder(site, count, None), daemons.SITE, (256, 2304)),
    "responder, a different HS256 token each": (
        lambda site, count: responder(site, count, TOKENS), bench.OursHS256.site, (256, 2304)),
    "aggregator, to the commit, 64 in each": (ingest, daemons.SITE, (256, 4352)),
    "aggregator, recovery and fold of a backlog": (fold, daemons.SITE, (1024, 5120)),
}


def measure(name, programs, work, profiles=None):
    count, site, sizes = FIGURES[name]
    totals = []
    for size in sizes:
        counted = Counted(programs, work, site)
        try:
            totals.append(count(counted, size))
            if profiles:
                target = profiles / f"{name}, {size}".replace(" ", "-").replace(",", "")
                shutil.copytree(counted.run, target, ignore=lambda _, names: [one for one in names if ".callgrind-" not in one])
        finally:
            counted.end()
    return round((totals[1] - totals[0]) / (sizes[1] - sizes[0]))


def strip(programs, work):
    """Copies without their debugging information, the form of which valgrind does not know."""
    for role in ("responder", "aggregator"):
        program = f"rule-outcomes-{role}"
        subprocess.run(["strip", "-g", "-o", work / program, programs / program], check=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--accept", action="store_true", help="keep what is measured as accepted")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--profiles", type=pathlib.Path, help="where to keep what callgrind_annotate reads; not there yet")
    parser.add_argument("--programs", type=pathlib.Path, default=bench.ROOT / ".build/release")
    parser.add_argument("--accepted", type=pathlib.Path, default=HERE.parent / "results/instructions.json")
    options = parser.parse_args()
    accepted = json.loads(options.accepted.read_text()) if options.accepted.exists() else {}
    work = pathlib.Path(tempfile.mkdtemp(prefix="instructions-"))
    now = {}
    print(f"{'instructions a conversion':44} {'accepted':>9} {'now':>9} {'change':>8}")
    try:
        strip(options.programs, work)
        for name in FIGURES:
            rounds = [measure(name, work, work, options.profiles) for _ in range(options.rounds)]
            now[name] = round(statistics.median(rounds))
            before = accepted.get(name)
            change = f"{now[name] / before - 1:+8.2%}" if before else ""
            seen = f"  {rounds}" if options.rounds > 1 else ""
            print(f"{name:44} {before or '':>9} {now[name]:>9} {change}{seen}", flush=True)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    if options.accept:
        options.accepted.write_text(json.dumps(now, indent=1) + "\n")
        return 0
    return judge(accepted, now)


def judge(accepted, now):
    """Tells what has grown, or shrunk, by more than may be; the exit status."""
    accept = "`make bench-instructions accept=1` accepts what is measured"
    grown = False
    for name, value in now.items():
        change = value / accepted[name] - 1 if name in accepted else 1
        if change > GROWTH_MAX:
            grown = True
            what = f"has grown by {change:.1%}" if name in accepted else "was never accepted"
            print(f"instructions.py: {name}: {what}. If that is meant, {accept}.", file=sys.stderr)
        elif change < -GROWTH_MAX:
            print(f"instructions.py: {name}: is less by {-change:.1%}; {accept}, so that it stays so.")
    return 1 if grown else 0


if __name__ == "__main__":
    sys.exit(main())
