"""What quotas let through, node by node and by trying everything; it imports nothing of azmlint.

A cluster is a dictionary: its name, the vCPUs of a node, the nodes it asks for, and the names of
its limits from the narrowest to the widest. Limits are numbers by name. One that is fixed has all
its nodes or those that it has now, and goes before those that are not.
"""

from itertools import product


def simulate(clusters, limits):
    """Give each cluster one node a round, by name, until none gets another.

    Gives, by name, the nodes and the first limit that was full, None for a cluster that has all.
    """
    left = dict(limits)
    nodes = {c["name"]: 0 for c in clusters}
    full = {c["name"]: None for c in clusters}
    fixed = sorted((c for c in clusters if is_fixed(c)), key=lambda c: c["name"])
    for compute in fixed:
        nodes[compute["name"]] = compute["now"]
        for limit in compute["limits"]:
            left[limit] -= compute["now"] * compute["vcpus"]
    for compute in fixed:
        more = (compute["most"] - compute["now"]) * compute["vcpus"]
        short = [x for x in compute["limits"] if left[x] < more]
        if more and short:
            full[compute["name"]] = short[0]
            continue
        nodes[compute["name"]] = compute["most"]
        for limit in compute["limits"]:
            left[limit] -= more
    growing = sorted((c for c in clusters if not is_fixed(c)), key=lambda c: c["name"])
    while True:
        got = False
        for cluster in growing:
            name = cluster["name"]
            if nodes[name] >= cluster["most"]:
                continue
            short = [x for x in cluster["limits"] if left[x] < cost(cluster, x)]
            if short:
                full[name] = full[name] or short[0]
                continue
            for limit in cluster["limits"]:
                left[limit] -= cost(cluster, limit)
            nodes[name] += 1
            got = True
        if not got:
            return nodes, full


def is_fixed(cluster):
    return cluster.get("is_fixed", False)


def cost(cluster, limit):
    """Say what a node takes: an address on a subnet, else its vCPUs."""
    return 1 if limit.startswith("subnet") else cluster["vcpus"]


def alone(cluster, limits, clusters, together):
    """Give the nodes that a cluster gets when no other has any, beside what is fixed.

    What is fixed goes first, so that only what others of its kind have already is in its way.
    """
    nodes = {c["name"]: c["now"] if is_fixed(cluster) else together[c["name"]] for c in clusters
             if is_fixed(c) and c is not cluster}  # fmt: skip
    left = {
        x: limits[x]
        - sum(nodes.get(c["name"], 0) * c["vcpus"] for c in clusters if x in c["limits"])
        for x in cluster["limits"]
    }
    if is_fixed(cluster):
        whole = cluster["most"] * cluster["vcpus"]
        fits = cluster["most"] == cluster["now"] or all(whole <= left[x] for x in left)
        return cluster["most"] if fits else cluster["now"]
    count = 0
    while count < cluster["most"] and all((count + 1) * cost(cluster, x) <= left[x] for x in left):
        count += 1
    return count


def with_what_is_there(limits, clusters):
    """Widen limits to what is there already, which no limit takes away."""
    there = {
        x: sum(c["now"] * c["vcpus"] for c in clusters if is_fixed(c) and x in c["limits"])
        for x in limits
    }
    return {x: max(limits[x], there[x]) for x in limits}


def optimum(clusters, limits):
    """Give the most vCPUs that clusters can have together, by trying all sizes of all."""
    best = 0
    choices = [
        sorted({c["now"], c["most"]}) if is_fixed(c) else range(c["most"] + 1) for c in clusters
    ]
    for sizes in product(*choices):
        taken = dict.fromkeys(limits, 0)
        for cluster, size in zip(clusters, sizes, strict=True):
            for limit in cluster["limits"]:
                taken[limit] += size * cost(cluster, limit)
        if all(taken[x] <= limits[x] for x in limits):
            best = max(best, sum(s * c["vcpus"] for s, c in zip(sizes, clusters, strict=True)))
    return best


def smallest_cut(clusters, limits):
    """Give the least that vCPUs have to pass, by trying all ways to part what they pass through.

    A limit is passed after the narrower ones of its clusters; the widest leads out.
    """
    above = {}
    for cluster in clusters:
        ways = [x for x in cluster["limits"] if not x.startswith("subnet")]
        above |= dict(zip(ways, [*ways[1:], None], strict=True))
    names = list(above)
    best = None
    for sides in product((False, True), repeat=len(names)):
        near = {name for name, side in zip(names, sides, strict=True) if side}
        passed = sum(limits[x] for x in near if above[x] not in near)
        for cluster in clusters:
            first = next(x for x in cluster["limits"] if not x.startswith("subnet"))
            if first not in near:
                # The cluster is parted from its limit, or from what it asks for.
                passed += cluster["vcpus"] * asked(cluster, limits)
        best = passed if best is None else min(best, passed)
    return best


def asked(cluster, limits):
    """Give the nodes that a cluster asks for, as far as its subnet has addresses."""
    rooms = [limits[x] for x in cluster["limits"] if x.startswith("subnet")]
    return min([cluster["most"], *rooms])
