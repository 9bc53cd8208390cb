"""PageRank by power iteration (Page, Brin, Motwani, Winograd 1999), personalised: chance jumps go where the reader's interest is."""

from __future__ import annotations

from collections.abc import Sequence

DAMPING = 0.85
TOLERANCE = 1e-6  # of the sum of all changes in one step
STEPS = 100


def pagerank(
    sources: Sequence[int], targets: Sequence[int], weights: Sequence[float], interest: Sequence[float]
) -> list[float]:
    """The ranks of the nodes 0 … len(interest) - 1; they add up to 1.

    Edge i leads from sources[i] to targets[i], with a positive weight; each pair of nodes occurs once. `interest`
    is not negative and not all zero. Nodes without edges out pass their rank on to where the interest is.
    """
    total = sum(interest)
    jump = [each / total for each in interest]
    out = [0.0] * len(jump)
    for source, weight in zip(sources, weights, strict=True):
        out[source] += weight
    shares = [DAMPING * weight / out[source] for source, weight in zip(sources, weights, strict=True)]
    dangling = [node for node, leaving in enumerate(out) if not leaving]
    edges = list(zip(sources, targets, shares, strict=True))
    rank = jump
    for _ in range(STEPS):
        spread = 1 - DAMPING + DAMPING * sum([rank[node] for node in dangling])
        new = [spread * each for each in jump]
        for source, target, share in edges:
            new[target] += share * rank[source]
        change = sum([abs(after - before) for after, before in zip(new, rank, strict=True)])
        rank = new
        if change < TOLERANCE:
            break
    return rank
