"""What a flood of bad tokens costs those who convert.

    floods.py --tools DIRECTORY [--rounds 3] [--seconds 4] [--only TEXT] [--out DIRECTORY]

Real nginx with this project's files, and both daemons. Honest pages send conversions over 64 connections as fast as they are
answered, with a different HS256 token each. Beside them a few addresses, or many, send as much as http.conf lets an address,
each request with as many tokens as are verified: once with wrong signatures of an elliptic curve, which is dear to find
out, and once, in turn, with wrong ones of HS256, which is cheap. They are random numbers in range, so that nothing but the
verification tells. "with the burst" adds to the rate what limits.conf lets pass at once, spread over the run.

Prints the honest conversions a second beside either, the median of the rounds, and the median of the rounds' own ratios,
which it writes into the directory's ratios.json.
"""

import argparse
import dataclasses
import json
import pathlib
import re
import secrets
import shutil
import statistics
import struct
import subprocess
import sys
import tempfile
import time

import bench

# For so many seconds a flood is there before it is measured what honest pages get.
AHEAD = 1
# Sending may go on for so long after.
AFTER = 1
HONEST_RATE_MAX = 20_000
TOKEN_HEADERS = ("Authorization: Bearer ", "X-Zephr-Jwt: ", "X-Blaize-Jwt: ")
# OpenSSL's name of the curve, and how many bytes each of a signature's two numbers has.
CURVES = {"ES256": ("SECP256R1", 32), "ES384": ("SECP384R1", 48), "ES512": ("SECP521R1", 66)}


@dataclasses.dataclass
class Flood:
    addresses: int
    algorithm: str
    with_burst: bool

    @property
    def title(self):
        return f"{self.addresses} addresses, {self.algorithm}" + (", with the burst" if self.with_burst else "")


FLOODS = [
    Flood(addresses, algorithm, with_burst) for with_burst in (False, True)
    for addresses, algorithm in ((4, "ES512"), (4, "ES384"), (50, "ES256"))]


def limits():
    """An address's requests a second, and how many beyond that pass at once."""
    http, limits = ((bench.ROOT / "nginx" / name).read_text() for name in ("http.conf", "limits.conf"))
    rate = re.search(r"zone=rule_outcomes_address:\S+ rate=(\d+)r/s", http)[1]
    burst = re.search(r"zone=rule_outcomes_address burst=(\d+)", limits)[1]
    return int(rate), int(burst)


class Flooded(bench.OursHS256):
    """A site that takes the honest pages' tokens and the curve's."""

    def __init__(self, tools, algorithm):
        super().__init__(tools)
        self.algorithm = algorithm
        self.site = f"session: off\n    jwt: {{secret: jwt.secret, publicKey: key.pem, algorithms: [HS256, {algorithm}]}}"

    def start(self, run):
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric import ec

        key = ec.generate_private_key(getattr(ec, CURVES[self.algorithm][0])()).public_key()
        (run / "key.pem").write_bytes(
            key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo))
        return super().start(run)


def random_signature(algorithm):
    if algorithm == "HS256":
        return secrets.token_bytes(32)
    bytes_each = CURVES[algorithm][1]
    # The first byte of zeros keeps both below the curve's order.
    return b"".join(b"\0" + secrets.token_bytes(bytes_each - 1) for _ in range(2))


def bad_token(algorithm, number):
    header = bench.base64url(json.dumps({"alg": algorithm, "typ": "JWT"}).encode())
    claims = bench.base64url(json.dumps({"sub": f"flood-{number}", "exp": int(time.time()) + 86400}).encode())
    return f"{header}.{claims}.{bench.base64url(random_signature(algorithm))}"


def prepare_flood(path, algorithm, count):
    """Writes requests of visitors that are told apart, so that no rate by visitor is met."""
    with open(path, "wb") as file:
        for number in range(count):
            one = bench.request(1 << 48 | number, "none", None)
            tokens = "".join(
                f"{header}{bad_token(algorithm, number * len(TOKEN_HEADERS) + place)}\r\n"
                for place, header in enumerate(TOKEN_HEADERS))
            one = one.replace(b"Content-Type:", tokens.encode() + b"Content-Type:", 1)
            file.write(struct.pack("<I", len(one)) + one)


def measure(flood, algorithm, honest, seconds, tools, work):
    """Honest conversions a second beside the flood, with tokens of this algorithm, and how the flood was answered."""
    run = pathlib.Path(tempfile.mkdtemp(dir=work))
    rate, burst = limits()
    lasting = AHEAD + seconds + AFTER
    each = rate + (burst / lasting if flood.with_burst else 0)
    prepare_flood(run / "flood", algorithm, int(each * flood.addresses * lasting))
    warm, measured = bench.split(honest, [HONEST_RATE_MAX, int(HONEST_RATE_MAX * seconds)], run)
    # A request may be under way for over two seconds, and an address may have 50 under way.
    connections = flood.addresses * min(50, 2000 // flood.addresses)
    contestant = Flooded(tools, flood.algorithm)
    with bench.serving(contestant, run):
        bench.drive(tools, warm, 1)
        command = [tools / "driver", str(bench.PORT), run / "flood", str(connections), str(lasting),
                   str(each * flood.addresses), str(flood.addresses)]
        flooding = subprocess.Popen(command, stdout=subprocess.PIPE)
        time.sleep(AHEAD)
        answers = bench.drive(tools, measured, seconds)
        flooded = json.loads(flooding.communicate()[0])
    shutil.rmtree(run)
    return answers["statuses"].get("201", 0) / answers["seconds"], answers["statuses"], flooded["statuses"]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--only", default="", help="floods that have this in their title")
    parser.add_argument("--tools", type=pathlib.Path, required=True, help="where driver was built")
    parser.add_argument("--programs", type=pathlib.Path, default=bench.ROOT / ".build/release")
    parser.add_argument("--out", type=pathlib.Path, default=bench.ROOT / "Benchmarks/results")
    options = parser.parse_args()
    floods = [flood for flood in FLOODS if options.only in flood.title]
    found = {flood.title: ([], []) for flood in floods}
    with tempfile.TemporaryDirectory(prefix="floods-") as directory:
        work = pathlib.Path(directory)
        tools = work / "tools"
        tools.mkdir()
        (tools / "driver").symlink_to((options.tools / "driver").resolve())
        (tools / "programs").symlink_to(options.programs.resolve())
        honest = work / "honest"
        bench.prepare(honest, "HS256", int(HONEST_RATE_MAX * (1 + options.seconds)), work)
        for number in range(options.rounds):
            for flood in floods:
                for rates, algorithm in zip(found[flood.title], (flood.algorithm, "HS256")):
                    rate, answers, flooded = measure(flood, algorithm, honest, options.seconds, tools, work)
                    rates.append(rate)
                    print(f"round {number + 1}, {flood.title}, {algorithm} that is wrong: {rate:.0f} a second, "
                          f"answers {answers}, the flood's {flooded}", file=sys.stderr)
    print(f"{'honest conversions a second beside':40} {'dear':>7} {'cheap':>7}  dear ÷ cheap")
    ratios = {}
    for title, (dear, cheap) in found.items():
        ratio = ratios[title] = statistics.median(a / b for a, b in zip(dear, cheap))
        print(f"{title:40} {statistics.median(dear):7.0f} {statistics.median(cheap):7.0f}  {ratio:.2f}")
    bench.keep_ratios(
        options.out, {f"conversions beside dear floods ÷ cheap ones; {title}": round(ratio, 3) for title, ratio in ratios.items()})


if __name__ == "__main__":
    main()
