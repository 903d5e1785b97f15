from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ..tools.layered import arrange

NODES = st.integers(1, 12).map(lambda count: list(range(count)))


@tagged("post_install", "-at_install", "union_assist")
class TestLayered(BaseCase):
    def test_flows_one_way(self):
        layers = arrange(
            list("abcdef"), [("a", "c"), ("b", "d"), ("a", "d"), ("c", "e"), ("d", "f")]
        )
        self.assertEqual(layers, [["a", "b"], ["c", "d"], ["e", "f"]])

    def test_what_only_sends_stands_close(self):
        layers = arrange(list("abcz"), [("a", "b"), ("b", "c"), ("z", "c")])
        self.assertEqual([sorted(layer) for layer in layers], [["a"], ["b", "z"], ["c"]])

    def test_nothing_and_no_edges(self):
        self.assertEqual(arrange([], []), [])
        self.assertEqual(arrange(["a", "b"], []), [["a", "b"]])

    def test_fewer_crossings(self):
        layers = arrange(list("abxy"), [("a", "y"), ("b", "x")])
        self.assertEqual(layers, [["a", "b"], ["y", "x"]])

    @settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.data())
    def test_every_graph_is_arranged(self, data):
        """Circles and self-links included: every node once; without circles all edges go on."""
        nodes = data.draw(NODES)
        pairs = st.tuples(st.sampled_from(nodes), st.sampled_from(nodes))
        edges = data.draw(st.lists(pairs, max_size=30))
        self.assertEqual(sorted(sum(arrange(nodes, edges), [])), nodes)
        onward = [(origin, target) for origin, target in edges if origin < target]
        layers = arrange(nodes, onward)
        depth = {node: index for index, layer in enumerate(layers) for node in layer}
        for origin, target in onward:
            self.assertLess(depth[origin], depth[target])
