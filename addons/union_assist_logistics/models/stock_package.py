from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command, Domain
from odoo.tools import SQL

from ..tools.gs1 import build_sscc, is_sscc, sscc_capacity

# What packing itself keeps of a carton: never written by hand.
CARTON_FIELDS = frozenset(
    (
        "assist_sscc",
        "assist_picking_id",
        "assist_packed_by_id",
        "assist_packed_on",
        "assist_carton_number",
    )
)


class StockPackage(models.Model):
    _inherit = "stock.package"
    _assist_kept_fields = CARTON_FIELDS

    # ------------------------------------------------------------------
    # Cartons
    # ------------------------------------------------------------------
    assist_sscc = fields.Char(
        "SSCC",
        readonly=True,
        copy=False,
        help="Serial shipping container code: 18 digits that no other carton in the world has."
        " Given when goods are put in, where the company has a GS1 prefix.",
    )
    assist_picking_id = fields.Many2one(
        "stock.picking",
        "Packed In",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )
    assist_packed_by_id = fields.Many2one("res.users", "Packed By", readonly=True, copy=False)
    assist_packed_on = fields.Datetime("Packed On", readonly=True, copy=False)
    assist_carton_number = fields.Integer(
        "Carton No.", readonly=True, copy=False, help="Counted within the transfer, from 1."
    )

    _assist_sscc_unique = models.UniqueIndex(
        "(assist_sscc) WHERE assist_sscc IS NOT NULL",
        "Two cartons cannot have the same SSCC.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        self._assist_check_carton_fields(*vals_list)
        return super().create(vals_list)

    def write(self, vals):
        self._assist_check_carton_fields(vals)
        return super().write(vals)

    def _assist_check_carton_fields(self, *vals_list):
        if not self.env.su and any(CARTON_FIELDS & vals.keys() for vals in vals_list):
            raise AccessError(
                self.env._(
                    "What packing keeps of a carton (SSCC, number, by whom and when) cannot be"
                    " set by hand."
                )
            )

    def _assist_register_packing(self, lines):
        """Keep by whom, when and in which transfer goods were put in; give the SSCC.

        :param lines: move lines that go into this package
        """
        self.ensure_one()
        package = self.sudo()
        picking = lines.picking_id
        if len(picking) == 1 and package.assist_picking_id != picking:
            [(last,)] = self.sudo()._read_group(
                [("assist_picking_id", "=", picking.id)], [], ["assist_carton_number:max"]
            )
            package.write(
                {"assist_picking_id": picking.id, "assist_carton_number": (last or 0) + 1}
            )
        package.write(
            {"assist_packed_by_id": self.env.uid, "assist_packed_on": fields.Datetime.now()}
        )
        self._assist_give_sscc(lines.company_id[:1])

    def _assist_give_sscc(self, company):
        """Give those of these packages an SSCC that have none, where the company can.

        A package whose own name is one, as those of vendors are, keeps that.

        :raise UserError: the company's numbers are used up
        """
        fresh = self.sudo().filtered(lambda package: not package.assist_sscc)
        for package in fresh.filtered(lambda package: is_sscc(package.name)):
            package.assist_sscc = package.name
        fresh = fresh.filtered(lambda package: not package.assist_sscc)
        prefix = company.sudo().assist_gs1_prefix
        if not fresh or not prefix:
            return
        serials = self._assist_draw_serials(len(fresh))
        if serials[-1] >= sscc_capacity(prefix):
            raise UserError(
                self.env._(
                    "%(company)s has used up the SSCCs of its GS1 prefix %(prefix)s: enter"
                    " another prefix, or set the sequence “SSCC of Cartons” back to a number"
                    " whose cartons are no longer in use.",
                    company=company.name,
                    prefix=prefix,
                )
            )
        for package, serial in zip(fresh, serials, strict=True):
            package.assist_sscc = build_sscc(prefix, serial)

    def _assist_draw_serials(self, count):
        """Draw running numbers of cartons; the database gives none of them twice."""
        sequence = self.env.ref("union_assist_logistics.sequence_sscc").sudo()
        rows = self.env.execute_query(
            SQL(
                "SELECT nextval(%s) FROM generate_series(1, %s)",
                f"ir_sequence_{sequence.id:03d}",
                count,
            )
        )
        return sorted(serial for (serial,) in rows)

    # -- reading ---------------------------------------------------------------------

    assist_lot_ids = fields.Many2many(
        "stock.lot",
        string="Lots Packed",
        compute="_compute_assist_lot_ids",
        search="_search_assist_lot_ids",
        help="Lots of the goods that were put in, wherever they are now.",
    )
    assist_recipient_id = fields.Many2one(
        "res.partner",
        "Recipient",
        related="assist_picking_id.partner_id.commercial_partner_id",
        store=False,
    )

    def _compute_assist_lot_ids(self):
        contents = self._assist_get_contents()
        for package in self:
            lots = [row["lot"].id for row in contents.get(package, ()) if row["lot"]]
            package.assist_lot_ids = [Command.set(lots)]

    def _search_assist_lot_ids(self, operator, value):
        if operator in Domain.NEGATIVE_OPERATORS:
            return NotImplemented
        lines = self.env["stock.move.line"]._search(
            Domain("lot_id", operator, value)
            & Domain("result_package_id", "!=", False)
            & Domain("state", "!=", "cancel")
        )
        return Domain("id", "in", lines.subselect("result_package_id"))

    def _assist_get_contents(self):
        """Say what is in these packages: what packing put in, or else what lies in them now.

        :return: ``{package: [{"product", "lot", "quantity"}]}``, quantities in the product's
            unit, sorted as on the transfer
        """
        contents = {}
        lines = self.env["stock.move.line"].search(
            [
                ("result_package_id", "in", self.ids),
                ("picking_id", "in", self.sudo().assist_picking_id.ids),
                ("state", "!=", "cancel"),
                ("quantity", ">", 0),
            ],
            order="move_id, lot_id, id",
        )
        for line in lines:
            package = line.result_package_id
            if line.picking_id == package.sudo().assist_picking_id:
                rows = contents.setdefault(package, {})
                key = (line.product_id, line.lot_id)
                rows[key] = rows.get(key, 0.0) + line.quantity_product_uom
        others = self.filtered(lambda package: package not in contents)
        for quant in others.quant_ids.filtered(lambda quant: quant.quantity > 0):
            rows = contents.setdefault(quant.package_id, {})
            key = (quant.product_id, quant.lot_id)
            rows[key] = rows.get(key, 0.0) + quant.quantity
        return {
            package: [
                {"product": product, "lot": lot, "quantity": quantity}
                for (product, lot), quantity in rows.items()
            ]
            for package, rows in contents.items()
        }

    def _assist_get_positions(self):
        """Return ``{package: (number, count)}`` of the cartons of each transfer: i of N."""
        positions = {}
        siblings = self.sudo().search(
            [("assist_picking_id", "in", self.sudo().assist_picking_id.ids)],
            order="assist_picking_id, assist_carton_number, id",
        )
        for group in siblings.grouped("assist_picking_id").values():
            for number, package in enumerate(group, 1):
                positions[package.with_env(self.env)] = (number, len(group))
        return positions

    def _assist_get_company(self):
        self.ensure_one()
        return self.sudo().assist_picking_id.company_id or self.company_id or self.env.company

    def _assist_get_recipient_name(self):
        """The receiving unit's name; nothing for private persons."""
        self.ensure_one()
        picking = self.sudo().assist_picking_id
        partner = picking.partner_id or picking.sale_id.partner_shipping_id
        unit = partner.commercial_partner_id
        return unit.name if unit.is_company else ""

    def _assist_get_weights(self, rows):
        """Return net and gross weight in kilograms of a package with these contents.

        The gross weight is what was weighed, or else follows from the products.
        """
        self.ensure_one()
        net = sum(row["product"].weight * row["quantity"] for row in rows)
        return net, self.shipping_weight or (net and net + self.package_type_id.base_weight)

    def action_assist_print_labels(self):
        """Print the carton labels of these packages."""
        self.check_access("read")
        return self.env.ref("union_assist_logistics.action_report_carton_label").report_action(
            self.ids, config=False
        )
