"""Drawing of graphs in layers: which layer a node is in, and its place there."""

from collections import defaultdict

#: So many times a layer is put in the order that its neighbours give.
ROUNDS = 4


def arrange(nodes, edges):
    """Arrange a graph that mostly flows one way, so that its edges do and few of them cross.

    Each node comes after all nodes that lead to it; edges that close a circle are left out of
    that rule. Within a layer nodes stand where their neighbours are on average.

    :param nodes: keys of the nodes, in the order in which they are met
    :param edges: pairs of keys (from, to); others than ``nodes`` may not be named
    :return: list of layers, each the list of its nodes in order
    """
    after, before = defaultdict(list), defaultdict(list)
    for origin, target in _without_circles(nodes, edges):
        after[origin].append(target)
        before[target].append(origin)
    layer_of = _layer(nodes, after, before)
    # What only sends stands beside what it sends to, not at the far end.
    for node in nodes:
        if not before[node] and after[node]:
            layer_of[node] = min(layer_of[target] for target in after[node]) - 1
    layers = [[] for _index in range(max(layer_of.values(), default=-1) + 1)]
    for node in nodes:
        layers[layer_of[node]].append(node)
    for turn in range(ROUNDS):
        forward = turn % 2 == 0
        place = {node: index for layer in layers for index, node in enumerate(layer)}
        for layer in layers if forward else reversed(layers):
            near = before if forward else after
            layer.sort(
                key=lambda node: (
                    sum(place[other] for other in near[node]) / len(near[node])
                    if near[node]
                    else place[node]
                )
            )
            place.update((node, index) for index, node in enumerate(layer))
    return layers


def _without_circles(nodes, edges):
    """Leave out the edges that lead back to a node on the way to it."""
    targets = defaultdict(list)
    for origin, target in dict.fromkeys(edges):
        targets[origin].append(target)
    kept, done, under_way = [], set(), set()
    for root in nodes:
        stack = [(root, iter(targets[root]))]
        if root in done:
            continue
        under_way.add(root)
        while stack:
            node, rest = stack[-1]
            target = next(rest, None)
            if target is None:
                stack.pop()
                under_way.discard(node)
                done.add(node)
            elif target in under_way:
                continue
            else:
                kept.append((node, target))
                if target not in done:
                    under_way.add(target)
                    stack.append((target, iter(targets[target])))
    return kept


def _layer(nodes, after, before):
    """Return the layer of each node: one more than the last of what leads to it."""
    waiting = {node: len(before[node]) for node in nodes}
    layer_of = dict.fromkeys(nodes, 0)
    ready = [node for node in nodes if not waiting[node]]
    while ready:
        node = ready.pop()
        for target in after[node]:
            layer_of[target] = max(layer_of[target], layer_of[node] + 1)
            waiting[target] -= 1
            if not waiting[target]:
                ready.append(target)
    return layer_of
