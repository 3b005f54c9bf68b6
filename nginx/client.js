// Tells rule-outcomes what a page shows and what its visitors do then: docs/integrate.md. Reasons stand in client.conf.
(() => {
    const stub = window.ruleOutcomes || {}, page = document, {src} = page.currentScript || {}
    if (stub.grant && !stub.queue) return
    const base = (stub.base || (src ? new URL(src).origin : '')) + '/zephr/public/rule-outcomes/v1/'
    const seen = new Set
    let consent = stub.wait ? null : true, waiting = [], calls = [], batch = [], left, observer

    const post = async (path, items, tries = 3) => {
        try {
            if (!consent) return false
            const url = base + path, body = items[1] ? `[${items}]` : items[0], gone = left
            const answer = 'keepalive' in Request.prototype
                && await fetch(url, {method: 'POST', body, keepalive: true, credentials: 'include'}).catch(() => 0)
            if (!answer) return left && !gone || navigator.sendBeacon(url, body)
            const {status} = answer
            if (tries && (status == 429 || status == 503)) {
                const seconds = Math.min(answer.headers.get('Retry-After') || 2, 3600)
                await new Promise(done => setTimeout(done, seconds * 1000 * (1 + Math.random())))
                return post(path, items, tries - 1)
            }
            if (items[1] && (status == 400 || status == 413)) {
                post(path, items.splice(0, items.length / 2))
                post(path, items)
            } else if (status > 399 && status < 429 && !seen.has(status)) {
                seen.add(status)
                console.warn('rule-outcomes:', status, await answer.text())
            }
            return status == 201
        } catch {
            return false
        }
    }
    const drain = () => {
        if (consent != null && !page.prerendering) waiting.splice(0).forEach(work => work())
    }
    const send = work => {
        waiting.push(work)
        drain()
    }
    const flush = () => send(() => {
        while (batch[0]) post('exposures', batch.splice(0, 64))
    })
    const show = item => {
        if (seen.has(item)) return
        seen.add(item)
        if (batch.push(item) == 1) setTimeout(flush, 200)
    }
    const look = ([item, element]) => {
        if (page.hidden) return
        if (!element) return show(item)
        observer = observer || new IntersectionObserver(entries => entries.forEach(entry => {
            if (entry.intersectionRatio < .5 && entry.intersectionRect.height <= innerHeight / 2) return
            observer.unobserve(entry.target)
            calls.forEach(call => call[1] == entry.target && show(call[0]))
        }), {threshold: [...Array(101).keys()].map(each => each / 100)})
        observer.unobserve(element)
        observer.observe(element)
    }
    const again = () => calls.forEach(look)

    const api = window.ruleOutcomes = {
        exposed(rule, outcome, options) {
            try {
                const call = [JSON.stringify({ruleId: rule, outcomeId: outcome}), options && options.element]
                if (options && !(call[1] instanceof Element)) throw 'no element'
                calls.push(call)
                look(call)
            } catch (fault) {
                console.warn('rule-outcomes:', fault)
            }
        },
        converted: (rule, outcome, conversion) => new Promise(done => {
            const item = JSON.stringify({ruleId: rule, outcomeId: outcome, conversion})
            send(() => done(post('conversions', [item])))
        }).catch(() => false),
        view() {
            seen.clear()
            calls = []
            observer && observer.disconnect()
        },
        grant(yes) {
            consent = yes !== false
            drain()
        },
    }

    addEventListener('pagehide', () => {
        left = true
        flush()
    })
    addEventListener('pageshow', event => {
        left = false
        if (event.persisted) seen.clear(), again()
    })
    page.addEventListener('visibilitychange', () => page.hidden ? flush() : again())
    page.addEventListener('prerenderingchange', drain)
    for (const [name, args, done] of stub.queue || []) done(api[name](...args))
})()
