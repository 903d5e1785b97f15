from datetime import date

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from odoo.addons.union_assist_logistics.tools.concession import Flow, Grant, share_out

MONDAY, TUESDAY, SUNDAY = date(2026, 11, 2), date(2026, 11, 3), date(2026, 11, 8)


@tagged("post_install", "-at_install", "union_assist")
class TestConcessionTool(BaseCase):
    def test_what_is_bound_goes_first(self):
        grants = [Grant(1, 6), Grant(2, 4, TUESDAY), Grant(3, 2, TUESDAY, frozenset({7}))]
        left, short = share_out(grants, [Flow(3, MONDAY, frozenset({7}))])
        self.assertEqual((left, short), ({1: 6, 2: 3, 3: 0}, [0]))

    def test_ended_and_for_others(self):
        grants = [Grant(1, 1), Grant(2, 4, MONDAY), Grant(3, 2, SUNDAY, frozenset({7}))]
        flows = [Flow(1, TUESDAY), Flow(1, TUESDAY), Flow(2, TUESDAY, frozenset({7, 8}))]
        left, short = share_out(grants, flows)
        self.assertEqual((left, short), ({1: 0, 2: 4, 3: 0}, [0, 1, 0]))

    def test_what_comes_back_is_given_back_to_what_was_taken_last(self):
        grants = [Grant(1, 5), Grant(2, 5, MONDAY)]
        left, _short = share_out(grants, [Flow(7, MONDAY), Flow(-3, TUESDAY)])
        self.assertEqual(left, {1: 5, 2: 1})

    def test_goods_that_never_left_give_nothing(self):
        left, short = share_out([Grant(1, 5)], [Flow(-3, MONDAY), Flow(6, MONDAY)])
        self.assertEqual((left, short), ({1: 0}, [0, 1]))

    @settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(
        st.lists(st.tuples(st.integers(1, 9), st.integers(0, 3)), min_size=1, max_size=5),
        st.lists(st.tuples(st.integers(-9, 9), st.integers(0, 3)), max_size=12),
    )
    def test_nothing_leaves_that_was_not_granted(self, given_grants, given_flows):
        grants = [
            Grant(key, quantity, date(2026, 11, 1 + day) if day else None)
            for key, (quantity, day) in enumerate(given_grants)
        ]
        flows = [Flow(quantity, date(2026, 11, 1 + day)) for quantity, day in given_flows]
        left, short = share_out(grants, flows)
        for grant in grants:
            self.assertTrue(-1e-6 <= left[grant.key] <= grant.quantity + 1e-6)
        granted = sum(grant.quantity for grant in grants)
        out = sum(flow.quantity - missing for flow, missing in zip(flows, short, strict=True))
        self.assertGreaterEqual(granted - sum(left.values()) + 1e-6, out)
