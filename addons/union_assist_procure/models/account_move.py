from odoo import fields, models


class AccountMove(models.Model):
    _inherit = "account.move"

    assist_statement_id = fields.Many2one(
        "union.assist.statement",
        "Statement of Account",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        groups="union_assist_catalog.group_user",
    )
