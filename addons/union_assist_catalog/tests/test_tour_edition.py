from odoo.tests import HttpCase, tagged

from .edition_common import EditionCommon


@tagged("post_install", "-at_install", "union_assist")
class TestTourEdition(EditionCommon, HttpCase):
    def test_publish_and_compare(self):
        """The federation publishes an edition and sees what changed since the last one."""
        self.federation.lang = "en_US"
        self.publish(title="Tour Spring")
        self.tea.list_price = 41.8
        self.make_product("Tour Millet")
        self.entry(self.apples).listed = False
        draft = self.make_edition("Tour Autumn")
        self.start_tour(
            f"/odoo/action-union_assist_catalog.action_catalogue_edition/{draft.id}",
            "union_assist_edition",
            login=self.federation.login,
        )
        self.assertEqual(draft.state, "published")
        self.assertEqual(draft.number, f"{self.today.year}-02")
        self.assertEqual((draft.added_count, draft.removed_count, draft.changed_count), (1, 1, 1))
