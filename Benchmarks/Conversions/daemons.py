"""Both daemons as the benchmarks run them that need no nginx."""

import os
import pathlib
import shutil
import tempfile

import bench
import wire

SITE = "credentials: {required: false}"


class Daemons:
    """In a directory of their own."""

    def __init__(self, programs, work, site=SITE):
        self.programs = programs
        self.run = pathlib.Path(tempfile.mkdtemp(dir=work))
        self.secret = bench.configure(self.run, site)
        self.processes = []

    def start(self, role, *, under=(), variables=None, config="config.yaml"):
        """`under`: a command that runs the daemon, such as valgrind."""
        program = self.programs / f"rule-outcomes-{role}"
        process = bench.spawn(
            *under, program, "--config", self.run / config, log=self.run / "log", env={**os.environ, **(variables or {})})
        self.processes.append(process)
        return process

    def serving(self, role, **how):
        """Starts it and waits until it is there."""
        process = self.start(role, **how)
        # An aggregator opens its analytics socket last.
        bench.wait_for_socket(self.run / {"responder": "responder.sock", "aggregator": "analytics.sock"}[role], seconds=60)
        return process

    def stop(self, process):
        self.processes.remove(process)
        process.terminate()
        if process.wait(60) != 0:
            raise SystemExit(f"a daemon ended with {process.returncode}:\n{self.log()}")

    def kill(self, process):
        self.processes.remove(process)
        process.kill()
        process.wait()

    def end(self):
        for process in list(self.processes):
            self.kill(process)
        shutil.rmtree(self.run)

    def log(self):
        return (self.run / "log").read_text()

    def aggregator(self):
        return wire.Aggregator(self.run / "aggregator.sock", self.secret)

    def analytics(self):
        return wire.Analytics(self.run / "analytics.sock")

    def responder(self):
        return wire.Responder(self.run / "responder.sock")

    def remove_store(self):
        """While no aggregator runs. What it held is in the journal, and is folded at the next start."""
        for path in (self.run / "data").glob("store.sqlite*"):
            path.unlink()
