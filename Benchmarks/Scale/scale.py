"""How cost grows with what is stored and with who asks.

    scale.py --tools DIRECTORY [--millions 10] [--only PART,...] [--programs DIRECTORY] [--out DIRECTORY]

Real daemons, on Unix sockets, in a temporary directory. The parts are `backlog`, `connections`, `group`, `rules` and `subjects`; what a
run does not measure stays in scale.json as it was. A store is filled by the forward protocol, in frames of 1,024 records,
while the aggregator's time of day is moved on, so that visitors come over 90 days.

Writes scale.json, scale.svg and its figures in ratios.json into the directory, and prints all.
"""

import argparse
import json
import pathlib
import resource
import select
import shutil
import statistics
import sys
import tempfile
import time

import numpy

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "Conversions"))

import bench
import plots
import wire
from filling import DAY, DAYS, FRAME, NEW, OUTCOMES, Filling, Visitors, scattered
from installation import Installation, Requests

PAGES_ROUNDS = 15


def starts(found):
    """What is told of several starts."""
    listening, answered = zip(*found)
    return {
        "listeningMilliseconds": round(statistics.median(listening), 1),
        "firstAnswerMilliseconds": round(statistics.median(answered), 1)}


def pages(site, rule):
    """Milliseconds of each page and report, the median of some."""
    query = f"ruleId={rule}"
    addresses = {
        "rules page": "/console/default/rules", "rule page": f"/console/default/rule?{query}",
        "rule page by activity": f"/console/default/rule?{query}&basis=activity",
        "journey page": f"/console/default/journey?{query}", "health page": "/console/default/health",
        "report": f"/v1/sites/default/outcomes?{query}",
        "report by day": f"/v1/sites/default/series?{query}",
        "activity by day": f"/v1/sites/default/series?{query}&basis=activity",
        "activity by day, another time zone": f"/v1/sites/default/series?{query}&basis=activity&timeZone=Europe/Berlin",
    }
    client = site.analytics()
    found = {}
    for name, address in addresses.items():
        times = []
        for _ in range(PAGES_ROUNDS):
            started = time.monotonic()
            client.get(address)
            times.append((time.monotonic() - started) * 1000)
        found[name] = round(statistics.median(times), 2)
    client.close()
    return found


def mebibytes(process):
    return round(bench.resident_bytes([process.pid]) / (1 << 20), 1)


def highest_mebibytes(process):
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    return round(int(status.split("VmHWM:")[1].split()[0]) / 1024, 1)


# The parts


def subjects(site, options):
    """More and more visitors of one rule version, in all over 90 days."""
    found = []
    visitors = Visitors(["rule"])
    filling = Filling(site, visitors)
    sizes = [size for size in (1, 2, 5, 10, 20) if size < options.millions] + [options.millions]
    for million in range(1, options.millions + 1):
        aggregator = site.start_aggregator()
        frames = -(-(million * 1_000_000 - visitors.met) // NEW)
        durable = filling.send(frames, DAYS / options.millions)
        backlog, rate = filling.drain()
        resident, highest = mebibytes(aggregator), highest_mebibytes(aggregator)
        if million in sizes:
            bench.wait_until_idle(aggregator, 1)
            times = pages(site, "rule")
        site.stop(aggregator)
        tell(f"{million} million subjects: {rate} folded a second of {backlog} that waited, {resident} MiB")
        if million not in sizes:
            continue
        store, journal = site.disk_bytes("store"), site.disk_bytes("journal")
        first = []
        for _ in range(3):
            aggregator, responder, *start = site.first_answer()
            first.append(start)
            site.stop(responder)
            site.stop(aggregator)
        found.append({
            "subjects": visitors.met, "records": visitors.records, "durableASecond": round(durable),
            "waited": backlog, "foldedASecond": rate, "milliseconds": times, "residentMebibytes": resident,
            "residentMebibytesMax": highest, "storeBytesASubject": round(store / visitors.met, 1),
            "journalMebibytes": round(journal / (1 << 20)), **starts(first),
            "erasedMilliseconds": erase(site, million)})
    return found


def erase(site, million):
    """Milliseconds until a hundred subjects are erased, others each time, and what they left in the files is overwritten."""
    aggregator = site.start_aggregator()
    bench.wait_until_idle(aggregator, 1)
    client = site.aggregator()
    some = [subject.tobytes() for subject in scattered(numpy.arange(100) * 5000 + million)]
    started = time.monotonic()
    count = client.forget(some)
    milliseconds = round((time.monotonic() - started) * 1000)
    if count < len(some) // 2:
        raise SystemExit(f"scale.py: of {len(some)} subjects {count} were erased")
    client.close()
    site.stop(aggregator)
    return milliseconds


def rules(site, options):
    """As many records again among more and more rule versions."""
    found = []
    visitors = None
    for count in (1, 10, 100, 1000, 10_000):
        visitors = Visitors([f"rule-{number}" for number in range(count)], after=visitors)
        site.keep_store()
        aggregator = site.start_aggregator()
        filling = Filling(site, visitors, days=30 - 5 * len(found))
        filling.send(120, 5)
        site.kill(aggregator)
        site.put_store_back()
        aggregator = site.start_aggregator()
        backlog, rate = filling.drain()
        bench.wait_until_idle(aggregator, 1)
        times = pages(site, "rule-0")
        found.append({
            "rules": count, "waited": backlog, "foldedASecond": rate, "milliseconds": times,
            "residentMebibytes": mebibytes(aggregator)})
        site.stop(aggregator)
        tell(f"{count} rules: {found[-1]}")
    return found


def backlog(site, options):
    """More and more records that are durable and not counted: the store is removed before each start. At last pages over a
    million visitors, who came over 90 days."""
    found = []
    visitors = Visitors(["rule"])
    filling = Filling(site, visitors)
    for size in (0, 10_000, 100_000, 1_000_000):
        frames = (size - visitors.records) // FRAME
        if frames > 0:
            aggregator = site.start_aggregator()
            filling.send(frames, DAYS * frames * FRAME / 1_000_000)
            site.kill(aggregator)
        first = []
        for attempt in range(3):
            site.remove_store()
            aggregator, responder, *times = site.first_answer()
            first.append(times)
            if attempt < 2:
                site.kill(responder)
                site.kill(aggregator)
        waited, rate = filling.drain()
        found.append({
            "records": visitors.records, **starts(first),
            "foldedASecond": rate, "waited": waited, "residentMebibytes": mebibytes(aggregator)})
        if size == 1_000_000:
            # Until a million visitors have come.
            filling.send(-(-(1_000_000 - visitors.met) // NEW), 0)
            filling.drain()
            bench.wait_until_idle(aggregator, 1)
            found[-1] |= {"subjects": visitors.met, "milliseconds": pages(site, "rule")}
        site.stop(responder)
        site.stop(aggregator)
        tell(f"backlog: {found[-1]}")
    return found


def group(site, options):
    """A million visitors of a declared group of ten outcomes, whose ninety days are drawn. An aggregator takes a time of day that
    runs ahead for wrong, and so is started again on each."""
    site.declare_group("rule", OUTCOMES, "REGISTERED")
    visitors = Visitors(["rule"])
    filling = Filling(site, visitors)
    # A group begins with the quarter of an hour after it was declared.
    site.stop(site.start_aggregator())
    filling.move(DAY // 24)
    aggregator = site.start_aggregator()
    for day in range(1, DAYS + 1):
        filling.send(-(-(1_000_000 * day // DAYS - visitors.met) // NEW), 0)
        filling.drain()
        site.stop(aggregator)
        filling.move(DAY)
        aggregator = site.start_aggregator()
    bench.wait_until_idle(aggregator, 1)
    client = site.analytics()
    course = client.json("/v1/sites/default/course?ruleId=rule")["groups"][0]
    if len(course["days"]) < DAYS or "mismatchedSince" in course:
        raise SystemExit(f"scale.py: the group has {len(course['days'])} days, mismatched: {course.get('mismatchedSince')}")
    found = {
        "subjects": visitors.met, "milliseconds": pages(site, "rule"),
        "rulePageBytes": len(client.get("/console/default/rule?ruleId=rule"))}
    client.close()
    site.stop(aggregator)
    tell(f"group: {found}")
    return [found]


def connections(site, options):
    """More and more connections, each with one request under way, to one responder and to two."""
    found = []
    aggregator = site.start_aggregator()
    responders = [site.start("responder"), site.start("responder", config="config-2.yaml")]
    sockets = [site.run / "responder.sock", site.run / "responder-2.sock"]
    for path in sockets:
        bench.wait_for_socket(path)
    while len(site.analytics().json("/v1/status")["responders"]) < 2:
        time.sleep(0.05)
    requests = Requests()
    for count in (1, 2):
        for size in (1, 4, 16, 64, 256, 1024):
            if size < count:
                continue
            clients = [wire.connected(sockets[number % count]) for number in range(size)]
            drive(clients, requests, 0.5)
            used = {"responders": responders[:count], "aggregator": [aggregator]}
            before = {role: bench.processor_seconds([one.pid for one in some]) for role, some in used.items()}
            times, seconds = drive(clients, requests, 2.5)
            cost = {
                role: round((bench.processor_seconds([one.pid for one in some]) - before[role]) * 1e6 / len(times), 1)
                for role, some in used.items()}
            found.append({
                "responders": count, "connections": size, "aSecond": round(len(times) / seconds),
                "p50Milliseconds": round(statistics.median(times) * 1000, 3),
                "p99Milliseconds": round(float(numpy.percentile(times, 99)) * 1000, 3),
                "processorMicroseconds": cost, "residentMebibytes": mebibytes(responders[0])})
            for client in clients:
                client.close()
            tell(f"connections: {found[-1]}")
    return found


def drive(clients, requests, seconds):
    """Keeps one request under way on each connection. Returns how long each took, and how long all of it did."""
    poll = select.epoll()
    known = {client.fileno(): client for client in clients}
    begun, arrived, times = {}, dict.fromkeys(known, b""), []

    def send(number):
        begun[number] = time.monotonic()
        known[number].sendall(requests.next())

    for number in known:
        poll.register(number, select.EPOLLIN)
    started = time.monotonic()
    for number in known:
        send(number)
    while begun:
        for number, _ in poll.poll(10):
            arrived[number] += known[number].recv(4096)
            # An end record is 16 bytes, the last of an answer.
            if arrived[number][-16:-14] != b"\x01\x03":
                continue
            if b"Status: 201" not in arrived[number]:
                raise SystemExit(f"scale.py: a request was answered {arrived[number]}")
            arrived[number] = b""
            now = time.monotonic()
            times.append(now - begun.pop(number))
            if now < started + seconds:
                send(number)
    poll.close()
    return times, time.monotonic() - started


PARTS = {"connections": connections, "backlog": backlog, "group": group, "rules": rules, "subjects": subjects}


# What is shown


def ratios(results):
    """One number for each figure that is kept, as far as it was measured."""
    found = {}
    if "subjects" in results:
        last = results["subjects"][-1]
        size = f"{round(last['subjects'] / 1e6)} million subjects"
        found[f"records folded a second into {size}"] = last["foldedASecond"]
        found[f"milliseconds of a report over {size}"] = last["milliseconds"]["report"]
        found[f"aggregator's resident MiB at {size}"] = last["residentMebibytes"]
        found[f"milliseconds from start to first 201 at {size}"] = last["firstAnswerMilliseconds"]
        found[f"bytes of the store a subject at {size}"] = last["storeBytesASubject"]
    if "backlog" in results:
        first, last = results["backlog"][0], results["backlog"][-1]
        found["milliseconds from start to first 201, empty"] = first["firstAnswerMilliseconds"]
        found["milliseconds from start to first 201 with a million unfolded"] = last["firstAnswerMilliseconds"]
        found["milliseconds until the aggregator listens with a million unfolded"] = last["listeningMilliseconds"]
        found["milliseconds of the slowest page over a million visitors"] = max(last["milliseconds"].values())
    if "group" in results:
        last = results["group"][-1]
        found["milliseconds of the slowest page over a million visitors of a group of ten"] = max(last["milliseconds"].values())
        found["KB of a rule's page over a million visitors of a group of ten"] = round(last["rulePageBytes"] / 1000)
    if "connections" in results:
        last = [one for one in results["connections"] if one["connections"] == 1024 and one["responders"] == 1]
        found["responder's resident MiB with 1,024 connections"] = last[0]["residentMebibytes"]
    return found


def tell(line):
    print(line, file=sys.stderr, flush=True)


def main():
    # A connection is a descriptor, of which a shell often gives no more than 1,024.
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    parser = argparse.ArgumentParser()
    parser.add_argument("--tools", type=pathlib.Path, required=True, help="where clock.so was built")
    parser.add_argument("--millions", type=int, default=10, help="of subjects, the largest size")
    parser.add_argument("--only", default=",".join(PARTS), help="names of parts, with commas between")
    parser.add_argument("--programs", type=pathlib.Path, default=bench.ROOT / ".build/release")
    parser.add_argument("--out", type=pathlib.Path, default=HERE.parent / "results")
    options = parser.parse_args()
    names = options.only.split(",")
    if unknown := set(names) - set(PARTS):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    kept = options.out / "scale.json"
    results = json.loads(kept.read_text()) if kept.exists() else {}
    work = pathlib.Path(tempfile.mkdtemp(prefix="scale-"))
    try:
        for name in names:
            started = time.monotonic()
            site = Installation(options.tools.resolve(), options.programs.resolve(), work)
            try:
                results[name] = PARTS[name](site, options)
            finally:
                site.end()
            tell(f"{name}: {time.monotonic() - started:.0f} s")
    finally:
        shutil.rmtree(work, ignore_errors=True)
    options.out.mkdir(parents=True, exist_ok=True)
    kept.write_text(json.dumps(results, indent=1) + "\n")
    found = ratios(results)
    bench.keep_ratios(options.out, found)
    plots.draw(results, options.out / "scale.svg")
    print(json.dumps(results, indent=1))
    for name, value in found.items():
        print(f"{name:80} {value:>10}")


if __name__ == "__main__":
    main()
