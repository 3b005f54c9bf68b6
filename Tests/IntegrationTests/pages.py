"""Tries the client for pages (nginx/client.js) in Chromium and in Firefox, through nginx and the daemons.

    pages.py NGINX ORIGIN [TEST...]     two ports: nginx's, and the one that nginx has the site's pages from

Pages are at www.site.localhost; the configuration lists that origin and shop.site.localhost, and not other.site.localhost.
Its rules have a feature `feature-BROWSER` for each browser, which stands for `counted-BROWSER`.
The exit status is 0 when nothing is wrong.
"""
import json
import sys
import time

from browsers import Chromium, Firefox
from trial import CLIENT, Try, block, counts, faults, origin, recipe, tap, url

# The tests.

def snippet(t):
    """What Zephr's documentation tells to put into a component, as this project's guide has it."""
    t.page(head="", body=recipe("<script>\nfetch(", t.name, "graph/1#1,graph/1#2"), stub=False)
    t.open()
    t.expect_counts(**{"graph/1#1,graph/1#2_REGISTERED": 1})
    t.check_quiet()


def component(t):
    """The guide's paywall component, and its loop over all features."""
    script = "window.Zephr = {outcomes: {[rule]: {outcomeId: 'feature', featureLabel: 'Paywall'}}};"
    event = "document.dispatchEvent(new CustomEvent('zephr.browserDecisionsFinished'));"
    t.page(script + recipe("document.addEventListener('zephr.browser") + event, recipe('<div id="offer">', t.name, "a"))
    t.open()
    t.browser.run("subscribe.removeAttribute('href')")
    t.browser.click("#subscribe")
    t.expect_counts(a=1, a_CLICKED=1, feature=1)
    t.check_quiet()


def feature(t):
    """What a page sends under a feature's id is counted under the rule version that the configuration has for it."""
    t.page("ruleOutcomes.exposed(rule, 'a');")
    t.open()
    t.browser.wait("ruleOutcomes.converted(rule, 'a', 'CLICKED')")
    t.expect_counts(f"counted-{t.browser.name}", a=1, a_CLICKED=1)
    t.expect(counts(t.name) == {}, f"{counts(t.name)} is counted under the feature")


def dry_run(t):
    """The guide's way of trying a page out records nothing and says what would have been."""
    text = recipe("fetch('/zephr/public/rule-outcomes/v1/conversions', {\n    method: 'POST', headers: {'Content-Type': "
                  "'application/json', 'X-Rule").replace("article-22", t.name)
    t.page("console.log = (...words) => heard.push(words.join(' '));" + text)
    t.open()
    t.browser.wait("new Promise(done => { const look = () => heard.length ? done() : setTimeout(look, 10); look() })")
    heard = t.browser.run("return heard[0]")
    t.expect(heard.startswith('200 {"dryRun":true,"recorded":false'), f"the console says {heard}")
    t.expect(counts(t.name) == {}, f"{counts(t.name)} is counted")


def visible(t):
    t.page("for (const id of 'ab') ruleOutcomes.exposed(rule, id, {element: document.getElementById(id)});",
           block("a") + block("space", "height: 3000px") + block("b"))
    t.open()
    t.exposures(1)
    t.browser.run("fetch('/mark/' + rule).then(() => document.getElementById('b').scrollIntoView())")
    t.expect(t.order(3) == ["exposures", "mark", "exposures"], f"it sent {t.order(0)}")
    t.expect(t.exposures(0) == [["a"], ["b"]], f"it sent {t.exposures(0)}")
    t.expect_counts(a=1, b=1)
    t.check_quiet()


def tall(t):
    """What never fits the window is seen when it fills half of it, and not when its top comes into sight."""
    t.page("for (const id of 'ab') ruleOutcomes.exposed(rule, id, {element: document.getElementById(id)});",
           block("a") + block("space", "height: calc(100vh - 300px)") + block("b", "height: 900vh"))
    t.open()
    t.exposures(1)
    t.browser.run("fetch('/mark/' + rule).then(() => scrollTo(0, innerHeight))")
    t.expect(t.order(3) == ["exposures", "mark", "exposures"], f"it sent {t.order(0)}")
    t.expect(t.exposures(0) == [["a"], ["b"]], f"it sent {t.exposures(0)}")


def hidden_element(t):
    """An element that is not displayed is not seen until it is."""
    t.page("for (const id of 'ab') ruleOutcomes.exposed(rule, id, {element: document.getElementById(id)});",
           block("a") + block("b", "display: none"))
    t.open()
    t.exposures(1)
    t.browser.run("fetch('/mark/' + rule).then(() => document.getElementById('b').style.display = 'block')")
    t.expect(t.order(3) == ["exposures", "mark", "exposures"], f"it sent {t.order(0)}")
    t.expect(t.exposures(0) == [["a"], ["b"]], f"it sent {t.exposures(0)}")


def together(t):
    """Exposures of one moment are one request, each outcome once; of seventy there are two."""
    t.page("""
        for (let i = 0; i < 70; i++) ruleOutcomes.exposed(rule, 'o' + i);
        ruleOutcomes.exposed(rule, 'o0');
        ruleOutcomes.exposed(rule, 'o1', {element: document.body});""", block("a"))
    t.open()
    t.expect_counts(**{f"o{i}": 1 for i in range(70)})
    sizes = sorted(len(each) for each in t.exposures(2))
    t.expect(sizes == [6, 64], f"the requests had {sizes} exposures")
    t.check_quiet()


def neighbours(t):
    """One exposure that is refused takes none of the others with it, and the console says what is wrong with it."""
    t.page("for (const outcome of ['a', 'b', undefined, 'c', 'd']) ruleOutcomes.exposed(rule, outcome);")
    t.open()
    t.expect_counts(a=1, b=1, c=1, d=1)
    t.browser.wait("new Promise(done => { const look = () => heard.length ? done() : setTimeout(look, 10); look() })")
    heard = t.browser.run("return heard")
    t.expect(len(heard) == 1 and "400" in heard[0] and "outcomeId" in heard[0], f"the console says {heard}")
    t.check_quiet()


def leave(t):
    """A conversion counts though the page is left at once, and however slow the network: that no local one shows."""
    origin.headers[t.name] = {"Cache-Control": "no-store"}
    t.page("go.onclick = () => { ruleOutcomes.converted(rule, 'a', 'CLICKED') };", '<a id="go" href="/page/elsewhere">go</a>',
           settings="", head="<script>window.send = fetch; window.fetch = (...all) => (window.how = all[1], send(...all))</script>"
           + CLIENT)
    t.open()
    t.browser.run("ruleOutcomes.converted(rule, 'b', 'CLICKED')")
    t.expect(t.browser.run("return how.keepalive") is True, "its requests end with the page")
    t.browser.click("#go")
    t.expect_counts(a_CLICKED=1, b_CLICKED=1)


def leave_exposed(t):
    """What was seen counts though the page is left before exposures were gathered."""
    # The browser keeps the page otherwise, and its requests go on for a while.
    origin.headers[t.name] = {"Cache-Control": "no-store"}
    t.page("ruleOutcomes.exposed(rule, 'a'); location.href = '/page/elsewhere';", settings="")
    t.open()
    t.expect_counts(a=1)


def again(t):
    """429 and 503 are tried again when the answer says, and the same conversion counts once."""
    origin.answers[t.name] = [(429, {"Retry-After": "1"}), (503, {"Retry-After": "1"})]
    t.page()
    t.open()
    began = time.monotonic()
    came = t.browser.wait("ruleOutcomes.converted(rule, 'a', 'CUSTOMER')")
    t.expect(came is True, f"the promise came to {came}")
    t.expect(time.monotonic() - began >= 2, "it was tried again too early")
    t.expect(t.order(3) == ["conversions"] * 3, f"it sent {t.order(0)}")
    t.expect_counts(a_CUSTOMER=1)
    t.expect(t.browser.run("return heard") == [], "the console says something")


def give_up(t):
    origin.answers[t.name] = [(503, {"Retry-After": "0"})] * 9
    t.page()
    t.open()
    came = t.browser.wait("ruleOutcomes.converted(rule, 'a', 'CUSTOMER')")
    t.expect(came is False, f"the promise came to {came}")
    t.expect(t.order(4) == ["conversions"] * 4, f"it sent {t.order(0)}")
    t.check_quiet()


def consent(t):
    """Nothing is sent and nothing is stored before consent; what waited is sent then."""
    t.page("""
        ruleOutcomes.exposed(rule, 'a');
        window.came = ruleOutcomes.converted(rule, 'a', 'CLICKED');
        // Longer than exposures gather for.
        setTimeout(() => fetch('/mark/' + rule).then(() => ruleOutcomes.grant()), 400);""", settings=tap(t.name) + ", wait: true")
    t.open()
    t.expect(sorted(t.order(3)[1:]) == ["conversions", "exposures"], f"it sent {t.order(0)}")
    t.expect(t.order(0)[0] == "mark", "something was sent before consent")
    t.expect(t.browser.wait("came") is True, "the conversion was not recorded")
    t.expect_counts(a=1, a_CLICKED=1)
    stored = t.browser.run("return [localStorage.length, sessionStorage.length, document.cookie.split(';').length]")
    t.expect(stored == [0, 0, 2], f"the client has stored something: {stored}")


def refusal(t):
    """After a refusal nothing is sent of what waited, nor of what comes; after consent, what comes then."""
    t.page("""
        ruleOutcomes.exposed(rule, 'a');
        window.came = [ruleOutcomes.converted(rule, 'a', 'CLICKED')];
        ruleOutcomes.grant(false);
        came.push(ruleOutcomes.converted(rule, 'b', 'CLICKED'));
        setTimeout(() => { ruleOutcomes.grant(); came.push(ruleOutcomes.converted(rule, 'c', 'CLICKED')) }, 400);""",
        settings=tap(t.name) + ", wait: true")
    t.open()
    t.expect(t.order(1) == ["conversions"], f"it sent {t.order(0)}")
    came = t.browser.wait("Promise.all(came)")
    t.expect(came == [False, False, True], f"the promises came to {came}")
    t.expect_counts(c_CLICKED=1)


def background(t):
    """A tab that nobody looks at shows nobody anything; a conversion in it counts."""
    t.page("ruleOutcomes.exposed(rule, 'a'); ruleOutcomes.exposed(rule, 'b', {element: one});"
           "setTimeout(() => ruleOutcomes.converted(rule, 'a', 'CLICKED'), 400);", '<p id="one">one')
    t.browser.go(url("/page/elsewhere"))
    t.browser.open_hidden(url(f"/page/{t.name}"))
    t.expect(t.order(1) == ["conversions"], f"it sent {t.order(0)}")
    t.expect(t.browser.run("return document.visibilityState") == "hidden", "the tab is shown")
    t.browser.show_hidden()
    t.expect(sorted(sum(t.exposures(2), [])) == ["a", "b"], f"it sent {t.exposures(0)}")
    t.browser.close_hidden()
    t.expect_counts(a=1, b=1, a_CLICKED=1)


def back(t):
    """A page that the browser has kept, and shows again, is a new page view."""
    t.page("ruleOutcomes.exposed(rule, 'a'); ruleOutcomes.exposed(rule, 'b', {element: one});", '<p id="one">one')
    t.open()
    first = len(t.exposures(1))
    t.browser.go(url("/page/elsewhere"))
    t.browser.back()
    # Going back may have ended before the page hears of it.
    kept = """new Promise(done => {
        const timer = setInterval(() => (window.persisted || !--tries) && (clearInterval(timer), done(window.persisted)), 50);
        let tries = 200;
    })"""
    t.expect(t.browser.wait(kept) is True, "the browser has not kept the page")
    t.expect(sorted(sum(t.exposures(first + 1), [])) == ["a", "a", "b", "b"], f"it sent {t.exposures(0)}")
    t.expect_counts(a=2, b=2)
    t.check_quiet()


def views(t):
    """A page that stays while its address changes says when there is a new page view."""
    t.page("""
        const show = () => { ruleOutcomes.exposed(rule, 'a'); ruleOutcomes.exposed(rule, 'a') };
        show(); ruleOutcomes.view(); show();""")
    t.open()
    t.expect_counts(a=2)


def late(t):
    """Calls from before the client is there are kept."""
    t.page("""
        window.came = ruleOutcomes.converted(rule, 'a', 'CLICKED');
        ruleOutcomes.exposed(rule, 'a');
        const script = document.createElement('script');
        script.src = '/rule-outcomes/client.js';
        document.head.append(script);""", head="")
    t.open()
    t.expect(t.browser.wait("came") is True, "the conversion was not recorded")
    t.expect_counts(a=1, a_CLICKED=1)


def twice(t):
    """The client that is included twice is there once."""
    t.page("ruleOutcomes.exposed(rule, 'a'); setTimeout(() => ruleOutcomes.converted(rule, 'a', 'CLICKED'), 400);",
           head=CLIENT * 2)
    t.open()
    t.expect(t.order(2) == ["exposures", "conversions"], f"it sent {t.order(0)}")
    t.expect_counts(a=1, a_CLICKED=1)


def beacon(t):
    """Where fetch cannot outlive the page, or fails, sendBeacon is used."""
    t.page(head="<script>delete Request.prototype.keepalive</script>" + CLIENT)
    t.open()
    came = [t.browser.wait("ruleOutcomes.converted(rule, 'a', 'CLICKED')")]
    t.expect_counts(a_CLICKED=1)
    t.page(head="<script>window.fetch = () => Promise.reject(new TypeError())</script>" + CLIENT)
    t.open()
    came.append(t.browser.wait("ruleOutcomes.converted(rule, 'b', 'CLICKED')"))
    t.expect_counts(a_CLICKED=1, b_CLICKED=1)
    t.expect(came == [True, True], f"the promises came to {came}")
    modes = {note["mode"] for note in origin.of(t.name)}
    t.expect("cors" not in modes, f"fetch was used: {modes}")
    t.check_quiet()


def policy(t):
    """A content security policy that allows the page's own origin is enough."""
    allowed = "default-src 'none'; script-src 'self'; connect-src 'self'"
    origin.headers[t.name] = {"Content-Security-Policy": allowed}
    origin.scripts[t.name] = f"""
        window.refused = [];
        addEventListener('securitypolicyviolation', event => refused.push(event.violatedDirective));
        ruleOutcomes.exposed('{t.name}', 'a');
        ruleOutcomes.exposed('{t.name}', 'b', {{element: document.body}});
        window.came = ruleOutcomes.converted('{t.name}', 'a', 'CLICKED');"""
    origin.pages[t.name] = f'<!doctype html><body>{CLIENT}a page<script src="/script/{t.name}"></script>'
    t.open()
    t.expect(t.browser.wait("came") is True, "the conversion was not recorded")
    t.expect_counts(a=1, b=1, a_CLICKED=1)
    refused = t.browser.run("return refused")
    t.expect(refused == [], f"the policy was violated: {refused}")


def hostile(t):
    """No argument, however odd, is an error of the page."""
    t.page()
    t.open()
    came = t.browser.wait("""(async () => {
        const cycle = {}; cycle.self = cycle;
        const trap = new Proxy({}, {get() { throw new Error('trap') }, has() { throw new Error('trap') }});
        const odd = [undefined, null, 0, NaN, 1n, Symbol(), '', {}, [], cycle, trap, () => {}, document, window,
            {toJSON() { throw 1 }}, {get element() { throw 1 }}, {element: null}, {element: {}}, 'x'.repeat(2000), '\\ud800'];
        const came = [];
        for (const each of odd) {
            ruleOutcomes.exposed(each, each, each);
            ruleOutcomes.exposed(rule, each);
            ruleOutcomes.exposed(rule, 'a', each);
            came.push(ruleOutcomes.converted(each, each, each), ruleOutcomes.converted(rule, 'a', each));
        }
        for (const name of ['view', 'grant']) ruleOutcomes[name](trap);
        return [...new Set(await Promise.all(came))];
    })()""")
    t.expect(came == [False], f"the promises came to {came}")
    t.check_quiet()


def other_origin(t):
    """A page of another origin of the site calls where that origin is listed, and its client's address says whom."""
    client = f'<script src="{url("/rule-outcomes/client.js")}"></script>'
    t.page(head=client, settings="", script="ruleOutcomes.exposed(rule, 'a'); ruleOutcomes.exposed(rule, 'b');")
    t.open("shop")
    came = [t.browser.wait("ruleOutcomes.converted(rule, 'a', 'CLICKED')")]
    t.expect_counts(a=1, b=1, a_CLICKED=1)
    t.open("other")
    t.browser.wait("ruleOutcomes.converted(rule, 'a', 'CLICKED')")
    t.open("shop")
    came.append(t.browser.wait("ruleOutcomes.converted(rule, 'a', 'CLICKED')"))
    t.expect(came == [True, True], f"the promises came to {came}")
    t.expect_counts(a=2, b=2, a_CLICKED=2)
    t.check_quiet()


def prerender(t):
    """A page that is rendered in advance sends nothing before it is shown. Firefox renders none in advance."""
    if t.browser.name != "chromium":
        return
    t.page("""
        ruleOutcomes.exposed(rule, 'a'); ruleOutcomes.exposed(rule, 'b', {element: one});
        window.came = ruleOutcomes.converted(rule, 'a', 'CLICKED');
        if (document.prerendering) setTimeout(() => fetch('/mark/' + rule), 400);""", '<p id="one">one')
    rules = json.dumps({"prerender": [{"urls": [f"/page/{t.name}"], "eagerness": "immediate"}]})
    origin.pages["before"] = f'<!doctype html><script type="speculationrules">{rules}</script><a id="go" href="/page/{t.name}">go</a>'
    t.browser.go(url("/page/before"))
    t.expect(t.order(1) == ["mark"], f"it sent {t.order(0)}")
    t.browser.click("#go")
    t.expect(sorted(t.order(3)) == ["conversions", "exposures", "mark"], f"it sent {t.order(0)}")
    activated = t.browser.run("return performance.getEntriesByType('navigation')[0].activationStart")
    t.expect(activated > 0, "the page was not rendered in advance")
    t.expect_counts(a=1, b=1, a_CLICKED=1)


TESTS = [
    snippet, component, feature, dry_run, visible, tall, hidden_element, together, neighbours, leave, leave_exposed,
    again, give_up, consent, refusal, background, back, views, late, twice, beacon, policy, hostile, other_origin, prerender,
]

if __name__ == "__main__":
    wanted = sys.argv[3:]
    for kind in (Chromium, Firefox):
        browser = kind()
        for test in TESTS:
            if wanted and test.__name__ not in wanted:
                continue
            Try(browser, test)
        browser.quit()
    print("\n".join(faults))
    print(f"{len(TESTS)} tests in two browsers, {len(faults)} faults")
    sys.exit(1 if faults else 0)
