from odoo.tests import HttpCase, tagged

from .delivery_note_common import DeliveryNoteCommon


@tagged("post_install", "-at_install", "union_assist")
class TestTourDeliveryNote(DeliveryNoteCommon, HttpCase):
    def test_print_in_the_browser(self):
        """The web client downloads the PDF, from the list's menu and from the form."""
        picking = self._make_deliveries(1)
        view = self.env["ir.ui.view"].create(
            {
                "name": "Deliveries of the test",
                "model": "stock.picking",
                "arch": """<list><field name="name"/><field name="assist_note_number"/></list>""",
            }
        )
        action = self.env["ir.actions.act_window"].create(
            {
                "name": "Deliveries of the test",
                "res_model": "stock.picking",
                "view_mode": "list,form",
                "view_id": view.id,
                "domain": [("id", "=", picking.id)],
            }
        )
        self.start_tour(
            f"/odoo/action-{action.id}", "union_assist_delivery_note", login="note_warehouse"
        )
        self.assertEqual(picking.assist_note_prints, 2)
        self.assertTrue(picking.assist_note_number)
