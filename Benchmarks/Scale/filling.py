"""Visitors by the million, and how their records come to an aggregator."""

import struct
import time

import numpy
import wire

# Records.
FRAME = 1024
# So many of them are of visitors who come for the first time.
NEW = FRAME * 10 // 12
DAYS = 90
DAY = 86_400_000
OUTCOMES = [f"graph/1#1,graph/1#{number}" for number in range(10)]


class Visitors:
    """Exposures of new visitors in a number of rule versions, one after the other; of ten visitors one converts, and one who
    came at any time before comes again."""

    def __init__(self, rules, after=None):
        self.random = after.random if after else numpy.random.default_rng(1)
        # How many there have been, and how many records.
        self.met = after.met if after else 0
        self.records = after.records if after else 0
        self.rules = rules
        self.forms = {
            (rule, outcome, conversion): numpy.frombuffer(
                wire.record(0, 0, "default", rule, OUTCOMES[outcome], conversion), numpy.uint8)
            for rule in rules for outcome in range(len(OUTCOMES)) for conversion in (None, "REGISTERED")}

    def frame(self, milliseconds):
        """1,024 records, by number and as bytes."""
        numbers = numpy.arange(self.met, self.met + NEW)
        self.met += NEW
        again = self.random.integers(0, self.met, FRAME - NEW - NEW // 10)
        parts = self.group(numbers, milliseconds, None)
        parts += self.group(again, milliseconds, None)
        parts += self.group(numbers[:NEW // 10], milliseconds, "REGISTERED")
        self.records += FRAME
        return b"".join(parts)

    def group(self, numbers, milliseconds, conversion):
        """Records of visitors, each of whom keeps rule version and outcome."""
        kinds = len(OUTCOMES) * len(self.rules)
        parts = []
        for kind in numpy.unique(numbers % kinds):
            some = numbers[numbers % kinds == kind]
            form = self.forms[self.rules[kind // len(OUTCOMES)], kind % len(OUTCOMES), conversion]
            matrix = numpy.tile(form, (len(some), 1))
            matrix[:, 3:19] = self.random.integers(0, 256, (len(some), 16), numpy.uint8)
            matrix[:, 19:27] = numpy.frombuffer(struct.pack("<q", milliseconds), numpy.uint8)
            matrix[:, 27:43] = scattered(some)
            parts.append(matrix.tobytes())
        return parts


def scattered(numbers):
    """A subject each, as far apart as pseudonyms are."""
    low = numbers.astype(numpy.uint64) * numpy.uint64(0xF39C_C060_5CED_C835)
    high = (numbers.astype(numpy.uint64) + numpy.uint64(1)) * numpy.uint64(0x9E37_79B9_7F4A_7C15)
    high ^= high >> numpy.uint64(29)
    return numpy.stack([high, low], axis=1).astype("<u8").view(numpy.uint8).reshape(len(numbers), 16)


class Filling:
    """Sends visitors' records to an aggregator whose clock is moved on."""

    def __init__(self, site, visitors, days=DAYS):
        self.site, self.visitors = site, visitors
        self.moment = time.time() * 1000 - days * DAY
        self.move(0)

    def move(self, milliseconds):
        self.moment += milliseconds
        self.site.clock[0] = int(self.moment - time.time() * 1000)

    def send(self, frames, days):
        """So many frames in so many days; returns records a second made durable."""
        client = self.site.aggregator()
        started = time.monotonic()
        for _ in range(frames):
            self.move(days * DAY / frames)
            now = int(self.moment)
            content = self.visitors.frame(now)
            # One is under way while the next is made.
            client.committed(FRAME)
            client.records(FRAME, now, content)
        client.committed()
        client.close()
        return frames * FRAME / (time.monotonic() - started)

    def drain(self):
        """Waits until all is folded. Returns how many records were not when it began, and how many were folded a second,
        if it took long enough to tell."""
        client = self.site.analytics()
        first = last = client.json("/v1/status")
        started = ended = time.monotonic()
        while last["journalSequence"] > last["foldedSequence"]:
            time.sleep(0.05)
            now = client.json("/v1/status")
            if now["foldedSequence"] != last["foldedSequence"]:
                ended = time.monotonic()
            last = now
        commits = last["foldedSequence"] - first["foldedSequence"]
        records = commits * self.visitors.records / last["journalSequence"]
        # What is folded in a moment says nothing of a rate.
        return round(records), round(records / (ended - started)) if ended - started > 0.3 else None
