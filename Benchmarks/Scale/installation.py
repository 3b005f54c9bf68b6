"""The installation that is measured."""

import concurrent.futures
import json
import shutil
import time

import daemons
import numpy
import wire


class Installation(daemons.Daemons):
    """With a clock that can be moved, and a second responder."""

    def __init__(self, tools, programs, work):
        super().__init__(programs, work)
        config = (self.run / "config.yaml").read_text()
        (self.run / "config-2.yaml").write_text(
            config.replace("responder.sock", "responder-2.sock").replace("exposures.sock", "exposures-2.sock"))
        (self.run / "clock").write_bytes(bytes(8))
        self.clock = numpy.memmap(self.run / "clock", "<i8", "r+", shape=1)
        self.moved = {"LD_PRELOAD": str(tools / "clock.so"), "BENCH_CLOCK": str(self.run / "clock")}

    def declare_group(self, rule, outcomes, conversion):
        """With equal weights; the first outcome is the baseline."""
        config = (self.run / "config.yaml").read_text()
        (self.run / "config.yaml").write_text("rules: rules.yaml\n" + config)
        # JSON is YAML.
        group = {"outcomes": dict.fromkeys(outcomes, 1), "baseline": outcomes[0], "conversion": conversion}
        rules = {"sites": {"default": {"rules": {rule: {"groups": {"all": group}}}}}}
        (self.run / "rules.yaml").write_text(json.dumps(rules))

    def start_aggregator(self):
        return self.serving("aggregator", variables=self.moved)

    def disk_bytes(self, name):
        return sum(path.stat().st_blocks * 512 for path in (self.run / "data").glob(f"{name}.sqlite*"))

    def keep_store(self):
        """Keeps a copy, while no aggregator runs."""
        for path in (self.run / "data").glob("store.sqlite*"):
            shutil.copy(path, self.run / f"kept-{path.name}")

    def put_store_back(self):
        """What it lacks then is in the journal, and is folded at the next start."""
        self.remove_store()
        for path in self.run.glob("kept-*"):
            path.rename(self.run / "data" / path.name.removeprefix("kept-"))

    def first_answer(self):
        """Starts both daemons. Returns them, and the milliseconds until the aggregator listens for responders and until a
        request was answered 201: a responder that finds nobody listening tries again later and later."""
        for name in ("responder.sock", "aggregator.sock", "analytics.sock"):
            (self.run / name).unlink(missing_ok=True)
        started = time.monotonic()
        processes = [self.start(role, variables=self.moved) for role in ("aggregator", "responder")]

        def until(attempt):
            while time.monotonic() < started + 60:
                try:
                    if attempt():
                        return (time.monotonic() - started) * 1000
                except (OSError, EOFError):
                    time.sleep(0.001)
            raise SystemExit(f"scale.py: no request is answered:\n{self.log()}")

        def answered():
            client = self.responder()
            client.send(Requests().next())
            return client.answer()[0] == 201

        with concurrent.futures.ThreadPoolExecutor() as threads:
            listens = threads.submit(until, lambda: wire.connected(self.run / "aggregator.sock"))
            return *processes, listens.result(), until(answered)


class Requests:
    """Requests of an endpoint's page, a new visitor each."""

    made = 0

    def __init__(self):
        tracking, number = "T" * 16, "f" * 32
        whole = wire.request(number, tracking)
        whole = whole.replace(b"%", b"%%").replace(number.encode(), b"%(id)032x")
        self.form = whole.replace(tracking.encode(), b"%(id)016X")

    def next(self):
        Requests.made += 1
        return self.form % {b"id": Requests.made}
