from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .common import CapCommon


@tagged("post_install", "-at_install", "union_assist")
class TestCapReconciliation(CapCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.runs = cls.env["union.assist.cap.reconciliation"]
        cls.order = cls._create_order(260_000, quantity=100)
        cls.order.button_confirm()
        cls.other = cls._create_supplier("Oil Company", persons=10)
        cls.second = cls._create_order(5000, cls.other)
        cls.second.button_confirm()
        cls.second.button_cancel()
        cls.manager = new_test_user(
            cls.env, "reconcile_manager", "union_assist_catalog.group_manager"
        )
        cls.operator = new_test_user(
            cls.env, "reconcile_operator", "union_assist_catalog.group_operator"
        )

    def _run(self):
        return self.runs._run(self.company)

    def _tamper(self, query, *args):
        """Do behind the back of the guards what a fault, or somebody, might do."""
        self.env.flush_all()
        tables = ("union_assist_cap", "union_assist_cap_entry")
        for table in tables:
            self.cr.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        self.cr.execute(query, args)
        for table in tables:
            self.cr.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        self.env.invalidate_all()

    def test_a_clean_run(self):
        run = self._run()
        self.assertEqual((run.state, run.difference_count), ("clean", 0))
        self.assertGreaterEqual(run.cap_count, 2)
        self.assertGreaterEqual(run.order_count, 2)
        self.assertFalse(run.line_ids)
        self.assertFalse(run.activity_ids)
        with self.assertRaisesRegex(UserError, "nothing to correct"):
            run.with_user(self.manager).action_correct()

    def test_a_counter_that_was_moved(self):
        self._tamper("UPDATE union_assist_cap SET committed = 1 WHERE id = %s", self.cap.id)
        run = self._run()
        self.assertRecordValues(
            run.line_ids,
            [
                {
                    "cap_id": self.cap.id,
                    "order_id": False,
                    "counter": 1,
                    "held": 260_000,
                    "difference": 259_999,
                }
            ],
        )
        self.assertIn(self.manager, run.activity_ids.user_id)
        self.assertEqual(self.cap.committed, 1, "nothing is set right silently")
        run.with_user(self.manager).action_correct()
        self.assert_used(260_000)
        self.assertRecordValues(run, [{"state": "corrected", "corrected_by_id": self.manager.id}])
        self.assertFalse(run.activity_ids)
        self.assertEqual(self._run().state, "clean")

    def test_an_entry_that_vanished_or_changed(self):
        self._tamper("DELETE FROM union_assist_cap_entry WHERE order_id = %s", self.order.id)
        self._tamper(
            "UPDATE union_assist_cap_entry SET amount = 7000 WHERE order_id = %s AND amount > 0",
            self.second.id,
        )
        run = self._run()
        cap = self._get_cap(self.other)
        orders = run.line_ids.filtered("order_id").sorted("difference")
        self.assertRecordValues(
            orders,
            [
                {
                    "order_id": self.second.id,
                    "cap_id": cap.id,
                    "held": 2000,
                    "taken": 0,
                    "difference": -2000,
                },
                {
                    "order_id": self.order.id,
                    "cap_id": self.cap.id,
                    "held": 0,
                    "taken": 260_000,
                    "difference": 260_000,
                },
            ],
        )
        self.assertEqual(len(run.line_ids - orders), 2, "the counters of both")
        run.with_user(self.manager).action_correct()
        self.assert_used(260_000)
        self.assert_used(0, cap)
        self.assertRecordValues(
            self.order.assist_entry_ids,
            [
                {
                    "kind": "correction",
                    "reason": "reconciliation",
                    "amount": 260_000,
                    "user_id": self.manager.id,
                }
            ],
        )
        self.assertEqual(self._run().state, "clean")

    def test_an_order_that_came_by_no_door(self):
        draft = self._create_order(1000)
        self.env.flush_all()
        self.cr.execute(
            "UPDATE purchase_order SET state = 'purchase', date_approve = now() WHERE id = %s",
            [draft.id],
        )
        self.env.invalidate_all()
        run = self._run()
        self.assertEqual((run.line_ids.order_id, run.line_ids.difference), (draft, 1000))
        # What was settled since is left alone.
        draft.order_line.price_unit = 900
        self.assert_used(260_900)
        run.with_user(self.manager).action_correct()
        self.assert_used(260_900)

    def test_who_may(self):
        with self.assertRaises(AccessError):
            self.runs.with_user(self.env.ref("base.public_user")).action_run()
        viewer = new_test_user(self.env, "reconcile_viewer", "union_assist_catalog.group_user")
        with self.assertRaises(AccessError):
            self.env["union.assist.cap"].with_user(viewer).action_reconcile()
        self._tamper("UPDATE union_assist_cap SET committed = 1 WHERE id = %s", self.cap.id)
        action = self.env["union.assist.cap"].with_user(self.operator).action_reconcile()
        run = self.runs.browse(action["res_id"])
        self.assertEqual((run.state, run.user_id), ("different", self.operator))
        with self.assertRaises(AccessError):
            run.with_user(self.operator).action_correct()
        for user in (viewer, self.operator, self.manager):
            record = run.with_user(user)
            self.assertTrue(record.has_access("read"))
            for operation in ("write", "create", "unlink"):
                self.assertFalse(record.has_access(operation))
                self.assertFalse(record.line_ids.has_access(operation))
        for group in ("base.group_portal", "base.group_user", "union_assist_catalog.group_county"):
            user = new_test_user(self.env, f"reconcile_{group}", group)
            self.assertFalse(run.with_user(user).has_access("read"))

    def test_nightly(self):
        before = self.runs.search([])
        self.runs._run_nightly()
        run = self.runs.search([("company_id", "=", self.company.id)]) - before
        self.assertEqual((len(run), run.state, run.nightly), (1, "clean", True))

    def test_same_number_of_queries_for_5_and_50_orders(self):
        orders = self.env["purchase.order"].browse()
        for index in range(50):
            orders |= self._create_order(100, self._create_supplier(f"S{index}", persons=1))
        orders.button_confirm()
        self.assert_same_queries(
            self._count_queries(self.runs._compare_orders, orders[:5]),
            self._count_queries(self.runs._compare_orders, orders),
        )
