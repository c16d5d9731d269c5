"""Binomial tails and the Clopper-Pearson bound for any n, without scipy."""

from math import ceil, e, exp, lgamma, log, log1p

_HALVINGS = 60


def binomial_cdf(k: int, n: int, p: float) -> float:
    """P(X ≤ k) of a binomial X of n draws, to about ten digits."""
    if k < 0:
        return 0.0
    if k >= n or p <= 0.0:
        return 1.0
    if p >= 1.0:
        return 0.0
    if k > n * p:
        return 1.0 - binomial_cdf(n - k - 1, n, 1.0 - p)
    term = exp(lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) + k * log(p) + (n - k) * log1p(-p))
    total, odds = term, (1 - p) / p
    for i in range(k, 0, -1):
        term *= i / (n - i + 1) * odds
        total += term
        if term < 1e-17 * total:
            break
    return min(total, 1.0)


def upper_bound(k: int, n: int, delta: float) -> float:
    """The Clopper-Pearson upper 1 − delta bound on a rate, after k losses among n."""
    if k >= n:
        return 1.0
    low, high = k / n, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if binomial_cdf(k, n, middle) > delta:
            low = middle
        else:
            high = middle
    return high


def hoeffding_bentkus(loss: float, n: int, alpha: float) -> float:
    """P-value of "the mean loss exceeds alpha" after a sum of n losses in [0, 1].

    Bates, Angelopoulos, Lei, Malik and Jordan 2021 (arXiv 2101.02703), proposition 5.
    """
    if n == 0:
        return 1.0
    mean = loss / n
    hoeffding = exp(-n * _divergence(min(mean, alpha), alpha))
    bentkus = e * binomial_cdf(ceil(loss - 1e-9), n, alpha)
    return min(hoeffding, bentkus, 1.0)


def _divergence(a: float, b: float) -> float:
    """Kullback-Leibler divergence of two Bernoulli rates, in nats."""
    if not 0.0 < b < 1.0:
        return 0.0 if a == b else float("inf")
    left = a * log(a / b) if a > 0 else 0.0
    right = (1 - a) * log((1 - a) / (1 - b)) if a < 1 else 0.0
    return left + right
