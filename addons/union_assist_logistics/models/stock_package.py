from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
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
