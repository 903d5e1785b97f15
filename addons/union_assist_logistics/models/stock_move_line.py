from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError

# Changing one of these on a finished line moves goods without finishing a move.
MOVING_FIELDS = frozenset(
    ("location_id", "location_dest_id", "lot_id", "quant_id", "quantity", "product_uom_id")
)

# What else the history of a lot is read from: of a finished line it stays as it is.
HISTORY_FIELDS = frozenset(("move_id", "picking_id", "product_id", "company_id"))

# What follows from the move and from quantity and unit, whatever a client says.
DERIVED_FIELDS = ("state", "quantity_product_uom")


class StockMoveLine(models.Model):
    _inherit = "stock.move.line"
    _assist_kept_fields = frozenset(DERIVED_FIELDS)

    assist_production_date = fields.Date(
        "Production Date",
        compute="_compute_assist_production_date",
        store=True,
        readonly=False,
        help="Kept on the lot that this line registers.",
    )

    _assist_lot_idx = models.Index("(lot_id) WHERE lot_id IS NOT NULL")

    @api.depends("lot_id.assist_production_date")
    def _compute_assist_production_date(self):
        for line in self:
            line.assist_production_date = (
                line.lot_id.assist_production_date or line.assist_production_date
            )

    @api.onchange("assist_production_date")
    def _onchange_assist_production_date(self):
        """Propose the expiry that the shelf life gives; the label decides."""
        if self.assist_production_date and self.product_id.use_expiration_date:
            self.expiration_date = fields.Datetime.to_datetime(
                self.assist_production_date
            ) + timedelta(days=self.product_id.expiration_time)

    def _prepare_new_lot_vals(self):
        vals = super()._prepare_new_lot_vals()
        if self.assist_production_date:
            vals["assist_production_date"] = self.assist_production_date
        return vals

    # ------------------------------------------------------------------
    # Creating and changing
    # ------------------------------------------------------------------
    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create([self._assist_drop_derived(vals) for vals in vals_list])
        lines.filtered(lambda line: line.state == "done")._assist_check_quality()
        lines._assist_check_hold()
        lines._assist_check_arrival()
        lines._assist_sync_arrival()
        return lines

    def write(self, vals):
        vals = self._assist_drop_derived(vals)
        self._assist_check_history(vals)
        self._assist_check_relabelled(vals)
        result = super().write(vals)
        if MOVING_FIELDS & vals.keys():
            self.filtered(lambda line: line.state == "done")._assist_check_quality()
        self._assist_check_held_write(vals)
        self._assist_follow_arrival(vals)
        return result

    @api.model
    def _assist_drop_derived(self, vals):
        """Leave out what is computed: written by hand it would belie what has moved."""
        return {name: value for name, value in vals.items() if name not in DERIVED_FIELDS}

    def _assist_check_history(self, vals):
        """Refuse to rewrite finished lines of lots but by moving the goods: the gate counts them.

        Core moves the goods along with what is written, unless a key of the context says not to.

        :raise AccessError: naming product and lot
        """
        if self.env.su:
            return
        names = HISTORY_FIELDS & vals.keys()
        if self.env.context.get("skip_uom_conversion"):
            names |= (MOVING_FIELDS | {"package_id", "result_package_id"}) & vals.keys()
        if not names:
            return
        target = self.env["stock.move"].browse(vals.get("move_id") or ())
        changed = self.filtered(
            lambda line: (
                (line.state == "done" or target.state == "done")
                and any(
                    line[name]
                    and (line[name] if name == "quantity" else line[name].id) != vals[name]
                    for name in names
                    if name != "quant_id"
                )
            )
        )
        changed._assist_refuse_history()

    def _assist_refuse_history(self):
        """Refuse to rewrite the history of these lines, where their lots are under a plan.

        :raise AccessError: naming product and lot
        """
        lines = self.sudo().filtered("lot_id")
        if not lines or not self.env["union.assist.quality.plan"]._get_index():
            return
        kinds = lines.lot_id._assist_get_supplier_kinds()
        for line in lines:
            if line._assist_is_gated(None, kinds) or line.lot_id.assist_inspection_ids:
                raise AccessError(
                    self.env._(
                        "%(product)s, lot %(lot)s, is under quality control: what was moved of it"
                        " is evidence and is not rewritten. Move the goods by a transfer.",
                        product=line.product_id.display_name,
                        lot=line.lot_id.name,
                    )
                )
