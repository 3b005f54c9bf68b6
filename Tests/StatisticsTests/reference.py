"""Prints what other libraries make of the statistics, a line a case: its numbers, and then theirs.

    reference.py wilson|newcombe|quantile|sequence|lift|rate|mismatch|refusals

SciPy and statsmodels have the intervals and distributions. What they lack is put otherwise than the module under test
puts it: the confidence sequence as the root of a likelihood ratio that is integrated numerically; Bayes factors as
products of predictions, one subject after the other, and as the textbook's gamma functions with sixty digits.
"""
import math
import random
import sys

ALPHAS = [0.2, 0.05, 0.01, 1e-3, 1e-6]
TRIALS = [1, 2, 3, 7, 10, 33, 100, 999, 10**4, 10**5, 10**6, 10**9]


def successes(n):
    some = [0, 1, 2, n // 1000, n // 100, n // 20, n // 5, n // 2, n - n // 5, n - n // 100, n - 1, n]
    return sorted({s for s in some if 0 <= s <= n})


def emit(*numbers):
    print(*(repr(float(x)) if isinstance(x, float) else str(x) for x in numbers))


def wilson():
    from statsmodels.stats.proportion import proportion_confint

    for n in TRIALS:
        for s in successes(n):
            for alpha in ALPHAS:
                low, high = proportion_confint(s, n, alpha=alpha, method="wilson")
                emit(s, n, alpha, float(low), float(high))


def newcombe():
    from statsmodels.stats.proportion import confint_proportions_2indep

    generator = random.Random(1)
    arms = [(s, n) for n in TRIALS for s in successes(n)]
    for s1, n1 in arms:
        for s2, n2 in generator.sample(arms, 30):
            alpha = generator.choice(ALPHAS)
            low, high = confint_proportions_2indep(s1, n1, s2, n2, method="newcomb", compare="diff", alpha=alpha)
            emit(s1, n1, s2, n2, alpha, float(low), float(high))


def quantile():
    from scipy.stats import norm

    for tail in [k / 1000 for k in range(1, 501)] + [10.0**-k for k in range(1, 300)]:
        emit(tail, float(norm.isf(tail)))


def log_ratio(x, variance, tau):
    """The logarithm of the likelihood ratio of a mixture to no difference, where x is what was found: of three, with deviations a
    tenth of tau, tau, and ten times it."""
    from scipy.special import logsumexp

    sizes = [(0.1, tau / 10), (0.8, tau), (0.1, 10 * tau)]
    return float(logsumexp([log_ratio_of_one(x, variance, size) for _, size in sizes], b=[share for share, _ in sizes]))


def log_ratio_of_one(x, variance, tau):
    """The same of a single one: the alternatives' difference t is normal with variance tau squared. The integrand is a bell, whose
    middle and width are found before the integration."""
    from scipy import integrate, optimize

    def exponent(t):
        likelihood = (2 * x * t - t * t) / (2 * variance)
        return likelihood - t * t / (2 * tau * tau) - math.log(tau * math.sqrt(2 * math.pi))

    top = optimize.minimize_scalar(lambda t: -exponent(t), bracket=(0, x)).x
    width = math.sqrt(1 / (2 * (exponent(top) - exponent(top + tau)))) * tau
    grid = [top + width * u for u in (-13, -6, -3, -1, 0, 1, 3, 6, 13)]
    area = sum(
        integrate.quad(lambda t: math.exp(exponent(t) - exponent(top)), a, b, epsabs=0, epsrel=1e-12)[0]
        for a, b in zip(grid, grid[1:])
    )
    return exponent(top) + math.log(area)


def rate_variance(s, n):
    """Of Agresti and Caffo's kind, from a fraction."""
    return (s + 0.5) * (n - s + 0.5) / (n + 1) ** 2 / n


def sequence():
    """The difference from the estimate at which the likelihood ratio comes to 1 / alpha."""
    from scipy import optimize

    generator = random.Random(2)
    for n1, n2 in [(60, 60), (100, 900), (10**4, 10**4), (10**4, 10**6), (10**6, 10**6), (10**9, 10**8)]:
        for rate in [0.0001, 0.002, 0.05, 0.5, 0.97]:
            for tau in [1e-4, 0.01, 0.3]:
                s1, s2 = math.ceil(n1 * rate), math.ceil(n2 * rate * generator.uniform(0.8, 1.02))
                if min(s1, s2) < 25:
                    continue
                alpha = generator.choice(ALPHAS)
                variance = rate_variance(s1, n1) + rate_variance(s2, n2)
                # Far enough: sixty standard errors, and more where tau is small beside them.
                far = 60 * math.sqrt(variance * (1 + variance / tau**2))
                wanted = math.log(1 / alpha)
                radius = optimize.brentq(
                    lambda x: log_ratio(x, variance, tau) - wanted, far * 1e-6, far, rtol=1e-13, xtol=1e-300
                )
                emit(s1, n1, s2, n2, alpha, tau, float(radius))


def lift():
    """The least and the greatest r for which "the one rate is r times the other" has a likelihood ratio below 1 / alpha."""
    from scipy import optimize

    def ends(one, other, alpha, tau):
        """Of r up to 1; the least is 0 where that holds, and the greatest 1; None where no r up to 1 holds."""
        (s1, n1), (s2, n2) = one, other

        def excess(r):
            variance = rate_variance(s1, n1) + r * r * rate_variance(s2, n2)
            x = abs(s1 / n1 - r * s2 / n2)
            # Where nothing is found the integrand's middle is 0, and the ratio is below 1.
            if x < 1e-9 * math.sqrt(variance):
                return -math.log(1 / alpha)
            return log_ratio(x, variance, tau) - math.log(1 / alpha)

        inside = min(s1 / n1 / (s2 / n2), 1)
        if excess(inside) > 0:
            return None

        def root(outside):
            return optimize.brentq(excess, inside, outside, rtol=1e-13, xtol=1e-300) if excess(outside) > 0 else outside

        return root(0), root(1)

    generator = random.Random(5)
    arms = [(2000, 10**4), (2300, 10**4), (60, 2000), (900, 90000), (30, 10**4), (10**6, 10**7), (130, 150), (25, 10**6)]
    for one in arms:
        for other in arms:
            for tau in [0.002, 0.01, 0.2]:
                alpha = generator.choice(ALPHAS)
                below, above = ends(one, other, alpha, tau), ends(other, one, alpha, tau)
                low = below[0] if below else 1 / above[1]
                high = (1 / above[0] if above[0] else math.inf) if above else below[1]
                emit(*one, *other, alpha, tau, float(low - 1), float(high - 1))


def rate():
    """Where the likelihood ratio of a rate from Beta(1/2, 1/2) to a rate p comes to 1/alpha: by mpmath's beta function, and roots
    sought by it to both sides."""
    import mpmath

    mpmath.mp.dps = 40
    for n in (1, 10, 400, 30_000, 5_000_000):
        for s in successes(n):
            for alpha in (0.05, 0.00125, 1e-6):
                mixture = mpmath.log(mpmath.beta(s + 0.5, n - s + 0.5) / mpmath.beta(0.5, 0.5))

                def excess(p):
                    likelihood = (s * mpmath.log(p) if s else 0) + ((n - s) * mpmath.log(1 - p) if n > s else 0)
                    return mixture - likelihood + mpmath.log(alpha)

                middle = mpmath.mpf(s) / n
                tiny = mpmath.mpf(10) ** -30
                low = 0 if s == 0 else mpmath.findroot(excess, (tiny, middle), solver="anderson", maxsteps=500, verify=False)
                high = 1 if s == n else mpmath.findroot(excess, (middle, 1 - tiny), solver="anderson", maxsteps=500, verify=False)
                emit(s, n, alpha, low, high)


def arms_of(generator, k, n):
    cuts = sorted(generator.randint(0, n) for _ in range(k - 1))
    return [b - a for a, b in zip([0] + cuts, cuts + [n])]


def near(generator, weights, n):
    """Counts near to the weights' shares, none negative."""
    total = sum(weights)
    return [max(0, round(n * w / total + generator.gauss(0, 1 + math.sqrt(n * w / total)))) for w in weights]


def mismatch():
    import mpmath
    from scipy.special import gammaln

    mpmath.mp.dps = 60
    generator = random.Random(3)

    def predicted(counts, weights):
        """Each subject in turn, in a random order, against the shares."""
        a = [100 * w / sum(weights) for w in weights]
        order = [i for i, c in enumerate(counts) for _ in range(c)]
        generator.shuffle(order)
        seen, log_factor = [0] * len(counts), 0.0
        for n, i in enumerate(order):
            log_factor += math.log((a[i] + seen[i]) / (100 + n)) - math.log(weights[i] / sum(weights))
            seen[i] += 1
        return log_factor

    def exactly(counts, weights):
        a = [mpmath.mpf(100 * w) / sum(weights) for w in weights]
        terms = [mpmath.loggamma(c + x) - mpmath.loggamma(x) - c * mpmath.log(x / 100) for c, x in zip(counts, a)]
        return float(sum(terms) + mpmath.loggamma(100) - mpmath.loggamma(100 + sum(counts)))

    def by_scipy(counts, weights):
        a = [100 * w / sum(weights) for w in weights]
        terms = [gammaln(c + x) - gammaln(x) - c * math.log(x / 100) for c, x in zip(counts, a)]
        return float(sum(terms) + gammaln(100) - gammaln(100 + sum(counts)))

    for weights in [(1, 1), (1, 9), (1, 99), (1, 9999), (3, 2, 5), (1, 1, 1, 1), tuple(range(1, 13))]:
        for n in [0, 1, 5, 100, 2000, 10**5, 10**7, 10**9, 10**12, 2**53]:
            for counts in [near(generator, weights, n) for _ in range(6)] + [arms_of(generator, len(weights), n)]:
                methods = [exactly] + ([predicted, by_scipy] if n <= 2000 else [])
                for method in methods:
                    emit(method(counts, weights), *counts, *weights)


def refusals():
    import mpmath
    from scipy.special import betaln

    mpmath.mp.dps = 60
    generator = random.Random(4)

    def factors(arms, log_beta, log, number):
        refused, accepted = sum(r for r, _ in arms), sum(n - r for r, n in arms)
        for r, n in arms:
            x, y, total = r, n - r, refused + accepted
            best = sum(c * log(number(c) / total) for c in (n, total - n) if c > 0)
            half = number(1) / 2
            yield (
                log_beta(x + half, refused - x + half) + log_beta(y + half, accepted - y + half)
                - 2 * log_beta(half, half) - best
            )

    def exactly(arms):
        beta = lambda a, b: mpmath.loggamma(a) + mpmath.loggamma(b) - mpmath.loggamma(a + b)
        logs = list(factors(arms, beta, mpmath.log, mpmath.mpf))
        return float(mpmath.log(sum(mpmath.exp(x) for x in logs) / len(logs)))

    def by_scipy(arms):
        from scipy.special import logsumexp

        logs = list(factors(arms, betaln, math.log, float))
        return float(logsumexp(logs) - math.log(len(logs)))

    for k in [2, 3, 7]:
        for n in [0, 1, 5, 100, 2000, 10**5, 10**9, 10**12, 2**50]:
            for rate in [0, 1e-4, 0.01, 0.3, 1]:
                for _ in range(4):
                    attempts = arms_of(generator, k, n)
                    arms = [(min(m, round(m * rate * generator.choice([1, 1, 1, 1.1, 3]))), m) for m in attempts]
                    for method in [exactly] + ([by_scipy] if n <= 2000 else []):
                        emit(method(arms), *(x for arm in arms for x in arm))


if __name__ == "__main__":
    {f.__name__: f for f in (wilson, newcombe, quantile, sequence, lift, rate, mismatch, refusals)}[sys.argv[1]]()
