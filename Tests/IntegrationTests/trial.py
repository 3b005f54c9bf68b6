"""What each test of a page has: the guide's own scripts, a page and a visitor of its own, and what became of them."""
import json
import pathlib
import re
import sys
import time
import urllib.error
import urllib.request

from origin import Origin

NGINX, ORIGIN = int(sys.argv[1]), int(sys.argv[2])
TEXT = (pathlib.Path(__file__).parents[2] / "docs/integrate.md").read_text()
origin = Origin(ORIGIN, NGINX)
faults = []

# What pages do before the client is there, as the guide has it.
STUB = re.search(r"<script>\n(window.ruleOutcomes = .*?)</script>", TEXT, re.S).group(1)
CLIENT = '<script src="/rule-outcomes/client.js"></script>'
# What would be wrong with a page, and what it says.
WITNESS = """<script>
window.heard = []; window.wrong = [];
console.warn = (...words) => heard.push(words.join(' '));
addEventListener('error', event => wrong.push(String(event.message)));
addEventListener('unhandledrejection', event => wrong.push(String(event.reason)));
addEventListener('pageshow', event => window.persisted = event.persisted);
</script>"""


def url(path, host="www"):
    return f"http://{host}.site.localhost:{NGINX}{path}"


def tap(name):
    return f"base: '/tap/{name}'"


class Try:
    """One test in one browser. Its rule version, its page and its visitor have a name of their own."""

    def __init__(self, browser, test):
        self.browser = browser
        self.name = f"{test.__name__}-{browser.name}"
        try:
            test(self)
        except Exception as error:
            faults.append(f"{self.name}: {type(error).__name__}: {error}")

    def expect(self, is_right, text):
        if not is_right:
            faults.append(f"{self.name}: {text}")

    def page(self, script="", body="", settings=None, head=CLIENT, stub=True):
        """Makes this test's page. `script` runs in it before the client is there; its rule version is `rule`."""
        settings = tap(self.name) if settings is None else settings
        start = f"var rule = {json.dumps(self.name)};" + (STUB.replace("[]", f"[], {settings}") if stub else "")
        origin.pages[self.name] = f"<!doctype html><body>{WITNESS}<script>{start}</script>{head}{body}<script>{script}</script>"

    def open(self, host="www"):
        self.browser.go(url(f"/page/{self.name}", host))

    def check_quiet(self):
        wrong = self.browser.run("return window.wrong")
        self.expect(wrong == [], f"the page has errors: {wrong}")

    def exposures(self, count):
        """The outcomes of each of the first exposures' requests."""
        notes = [note for note in origin.wait(self.name, count) if note["what"] == "exposures"]
        bodies = [json.loads(note["body"]) for note in notes]
        return [[each.get("outcomeId") for each in (body if isinstance(body, list) else [body])] for body in bodies]

    def order(self, count):
        return [note["what"] for note in origin.wait(self.name, count)]

    def expect_counts(self, rule=None, **expected):
        """Of each outcome, how often it was shown, or how often there was a conversion under it."""
        last, until = None, time.monotonic() + 20
        while time.monotonic() < until:
            last = counts(rule or self.name)
            if last == expected:
                return
            time.sleep(0.1)
        self.expect(False, f"{last} is counted, and not {expected}")


def counts(rule):
    address = f"http://127.0.0.1:{NGINX}/rule-outcomes/v1/sites/default/outcomes?ruleId={rule}"
    try:
        with urllib.request.urlopen(address) as answer:
            report = json.load(answer)
    except urllib.error.HTTPError:
        return {}
    found = {}
    for outcome in report["outcomes"]:
        if outcome["exposures"]:
            found[outcome["outcomeId"]] = outcome["exposures"]
        for conversion in outcome["conversions"]:
            if conversion["events"]:
                found[f"{outcome['outcomeId']}_{conversion['conversion']}"] = conversion["events"]
    return found


def block(name, style=""):
    return f'<div id="{name}" style="height: 200px; {style}">{name}</div>'


def recipe(start, rule="", outcome=""):
    """The guide's block that begins so, as Zephr fills it in."""
    text = re.search(r"```\w+\n(" + re.escape(start) + r".*?)```", TEXT, re.S).group(1)
    return text.replace("{{ruleId}}", rule).replace("{{outcomeId}}", outcome)
