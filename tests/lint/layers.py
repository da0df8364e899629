"""Who may include whom: layers point down only, siblings stay apart, and no modules or headers form a ring."""
import sys

from source_tree import Tree, report

# A layer may include itself and what stands in its set.
BELOW = {
    "base": set(),
    "index": {"base"},
    "storage": {"base"},
    "engine": {"index", "storage", "base"},
    "proto": set(),
    "cluster": {"engine", "index", "storage", "base", "proto"},
    "server": {"cluster", "engine", "index", "storage", "base", "proto"},
    "clients": {"server", "cluster", "engine", "index", "storage", "base", "proto"},
}
# Inside a layer, from the lowest module up: a module includes only those before it.
ORDER_INSIDE = {
    "engine": ["payload", "api", "filter", "segment", "shard", "optimizer", "lineage", "database"],
    "index": ["kernels", "vectors", "batch", "flat", "hnsw"],
    "storage": ["rocks", "log", "rows"],
    "server": ["core", "http", "mlflow", "openlineage", "rest", "grpc", "process"],
}
# Wire and network libraries end at the door; RocksDB ends at storage's users; nothing above base makes a request.
WIRE = ("google/protobuf/", "grpc/", "grpcpp/", "boost/beast", "boost/asio")
FOREIGN = {
    "base": WIRE + ("rocksdb/",),
    "index": WIRE + ("rocksdb/",),
    "storage": WIRE,
    "engine": WIRE,
}
# The wire's own folders: headers generated from proto/.
GENERATED = ("lineal/", "qdrant/", "grpc/health/")


def layer_of(path):
    return path.split("/", 1)[0]


def module_of(path):
    parts = path.split("/")
    return "/".join(parts[:2]) if len(parts) > 2 else parts[0]


def place_inside(path):
    parts = path.split("/")
    order = ORDER_INSIDE.get(parts[0], [])
    return order.index(parts[1]) if len(parts) > 2 and parts[1] in order else None


def wrong_direction(name, target):
    """Why `name` may not include `target`, or nothing."""
    own, other = layer_of(name), layer_of(target)
    if own not in BELOW:
        return None
    if target.endswith((".pb.h",)) or target.startswith(GENERATED):
        return None if "proto" in BELOW[own] else f"{own} is free of wire types"
    if other not in BELOW:
        return f"{own} must not include {other}" if other in ("tests", "bench") and not name.endswith("_test.cc") else None
    if own != other and other not in BELOW[own]:
        return f"{own} must not include {other}"
    here, there = place_inside(name), place_inside(target)
    if own == other and here is not None and there is not None and there > here:
        return f"{module_of(name)} stands below {module_of(target)}"
    return None


def direction_findings(tree):
    for name in tree.sources():
        own = layer_of(name)
        for number, target, quoted in tree.includes(name):
            reason = wrong_direction(name, target) if quoted or target.endswith(".pb.h") else None
            if reason is None and target.startswith(FOREIGN.get(own, ())):
                reason = f"{own} is free of {target.split('/')[0]}"
            if reason:
                yield f"{name}:{number}: includes {target}: {reason}"


def rings(graph):
    """Strongly connected groups of more than one node (Tarjan, without recursion)."""
    index, low, on_stack, stack, found = {}, {}, set(), [], []
    for start in sorted(graph):
        if start in index:
            continue
        work = [(start, iter(sorted(graph[start])))]
        index[start] = low[start] = len(index)
        stack.append(start)
        on_stack.add(start)
        while work:
            node, edges = work[-1]
            advanced = False
            for target in edges:
                if target not in graph:
                    continue
                if target not in index:
                    index[target] = low[target] = len(index)
                    stack.append(target)
                    on_stack.add(target)
                    work.append((target, iter(sorted(graph[target]))))
                    advanced = True
                    break
                if target in on_stack:
                    low[node] = min(low[node], index[target])
            if advanced:
                continue
            work.pop()
            if work:
                low[work[-1][0]] = min(low[work[-1][0]], low[node])
            if low[node] == index[node]:
                group = []
                while True:
                    member = stack.pop()
                    on_stack.discard(member)
                    group.append(member)
                    if member == node:
                        break
                if len(group) > 1:
                    found.append(sorted(group))
    return found


def ring_findings(tree):
    known = set(tree.files)
    headers, modules, witness = {}, {}, {}
    for name in tree.sources():
        if layer_of(name) not in BELOW:
            continue
        for number, target, _ in tree.includes(name):
            if target not in known:
                continue
            if name.endswith((".h", ".cuh")):
                headers.setdefault(name, set()).add(target)
            own, other = module_of(name), module_of(target)
            if own != other and not name.endswith("_test.cc"):
                modules.setdefault(own, set()).add(other)
                witness.setdefault((own, other), f"{name}:{number}")
    for group in rings(headers):
        yield f"{group[0]}: headers form a ring: {', '.join(group)}"
    for group in rings(modules):
        places = [place for (own, other), place in sorted(witness.items()) if own in group and other in group]
        yield f"{places[0]}: modules include each other: {', '.join(group)} (at {', '.join(places)})"


def own_header_findings(tree):
    """A source includes its own header first, which is what proves that the header compiles alone."""
    known = set(tree.files)
    for name in tree.with_suffix(".cc"):
        header = name[: -len(".cc")] + ".h"
        if header not in known or layer_of(name) not in BELOW:
            continue
        first = next(tree.includes(name), None)
        if first is None or first[1] != header:
            yield f"{name}:{first[0] if first else 1}: the first include must be {header}, so that the header is seen to compile alone"


def findings(tree):
    return [*direction_findings(tree), *ring_findings(tree), *own_header_findings(tree)]


if __name__ == "__main__":
    sys.exit(report(findings(Tree()), "layers"))
