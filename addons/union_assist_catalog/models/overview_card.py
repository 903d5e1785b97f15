from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import formatLang
from odoo.tools.safe_eval import safe_eval


class UnionAssistOverviewCard(models.Model):
    """A card of the overview: how many records wait for somebody, and the list of them.

    With a measure it shows a figure of these records instead of their number.

    Cards are data: each addon ships its own, an administrator edits them. Their sequence
    follows the menu, a hundred for each section: 100 households, 200 suppliers, 300 products,
    400 purchase, 500 farming, 600 settlement, 700 quality, 800 warehouse, 900 packing,
    1000 delivery, 1100 trace and recall.
    """

    _name = "union.assist.overview.card"
    _description = "Overview Card"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    description = fields.Char(translate=True, help="What to do with these records.")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    icon = fields.Char(default="fa-list", help="Font Awesome 4 class, for example fa-truck.")
    action_id = fields.Many2one("ir.actions.act_window", "List", required=True, ondelete="cascade")
    domain = fields.Char(
        required=True,
        default="[]",
        help="Which records wait; uid, context_today() and relativedelta() may be used.",
    )
    measure = fields.Char(
        help="An aggregate of the records to show instead of their number: days:avg, for example."
    )
    group_ids = fields.Many2many("res.groups", string="Shown to")
    count = fields.Integer(compute="_compute_count")
    value = fields.Char("Figure", compute="_compute_value")

    def _get_domain(self):
        self.ensure_one()
        return safe_eval(
            self.domain,
            {
                "uid": self.env.uid,
                "context_today": lambda: fields.Date.context_today(self),
                "relativedelta": relativedelta,
            },
        )

    @api.depends("action_id", "domain")
    @api.depends_context("uid", "allowed_company_ids", "tz")
    def _compute_count(self):
        for card in self:
            model = self.env.get(card.sudo().action_id.res_model)
            readable = model is not None and model.has_access("read")
            card.count = model.search_count(card._get_domain()) if readable else 0

    @api.depends("action_id", "domain", "measure")
    @api.depends_context("uid", "allowed_company_ids", "lang", "tz")
    def _compute_value(self):
        for card in self:
            if not card.measure:
                card.value = str(card.count)
            elif not card.count:
                card.value = "–"
            else:
                model = self.env[card.sudo().action_id.res_model]
                [[figure]] = model._read_group(card._get_domain(), [], [card.measure])
                card.value = formatLang(self.env, figure or 0.0, digits=1)

    def open_records(self):
        """Open the list of the records that this card counts."""
        self.ensure_one()
        self.check_access("read")
        action = self.action_id.sudo()
        if not self.env[action.res_model].has_access("read"):
            raise AccessError(self.env._("You may not see the records behind this card."))
        return {
            **action._get_action_dict(),
            "display_name": self.name,
            "domain": self._get_domain(),
            "context": {},
        }
