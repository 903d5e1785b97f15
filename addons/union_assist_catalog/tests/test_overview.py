from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .common import GROUP, UnionAssistCatalogCommon


@tagged("post_install", "-at_install", "union_assist")
class TestOverview(UnionAssistCatalogCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.to_verify = cls.env.ref("union_assist_catalog.card_linkage_to_verify")
        cls.unlinked = cls.env.ref("union_assist_catalog.card_household_unlinked")

    def test_counts_are_those_of_the_list(self):
        before = self.to_verify.count, self.unlinked.count
        household = self.make_household("CARD-1")
        self.make_household("CARD-2", status="left")
        self.to_verify.invalidate_recordset(["count"])
        self.unlinked.invalidate_recordset(["count"])
        self.assertEqual((self.to_verify.count, self.unlinked.count), (before[0], before[1] + 1))
        self.make_linkage(household, state="submitted")
        self.to_verify.invalidate_recordset(["count"])
        self.unlinked.invalidate_recordset(["count"])
        self.assertEqual((self.to_verify.count, self.unlinked.count), (before[0] + 1, before[1]))
        for card in self.to_verify | self.unlinked:
            action = card.with_user(self.operator).open_records()
            records = self.env[action["res_model"]].search(action["domain"])
            self.assertEqual(len(records), card.count)
            self.assertEqual(action["display_name"], card.name)

    def test_cards_are_shown_to_their_groups(self):
        cards = self.to_verify | self.unlinked
        Card = self.env["union.assist.overview.card"]
        self.assertFalse(Card.with_user(self.viewer).search([("id", "in", cards.ids)]))
        self.assertEqual(Card.with_user(self.operator).search([("id", "in", cards.ids)]), cards)
        with self.assertRaises(AccessError):
            self.to_verify.with_user(self.viewer).open_records()
        open_to_all = self.to_verify.copy({"group_ids": False})
        self.assertEqual(open_to_all.with_user(self.viewer).count, self.to_verify.count)

    def test_card_of_records_that_one_may_not_read(self):
        card = self.env["union.assist.overview.card"].create(
            {
                "name": "Server actions",
                "action_id": self.env.ref("base.action_server_action").id,
            }
        )
        self.assertFalse(self.env["ir.actions.server"].with_user(self.viewer).has_access("read"))
        self.assertEqual(card.with_user(self.viewer).count, 0)
        with self.assertRaises(AccessError):
            card.with_user(self.viewer).open_records()

    def test_domain_knows_the_user_and_the_day(self):
        card = self.to_verify.copy(
            {
                "group_ids": False,
                "domain": "[('create_uid', '=', uid), ('date_from', '<=', context_today())]",
            }
        )
        self.make_linkage(self.make_household("CARD-3"))
        mine = new_test_user(self.env, "assist_other", f"{GROUP}operator")
        self.make_linkage(self.make_household("CARD-4")).with_user(mine).copy()
        self.assertEqual(card.with_user(mine).count, 1)
