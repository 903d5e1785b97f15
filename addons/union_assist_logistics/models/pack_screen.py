from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..tools.scanned import read_code, read_number

# What the screen shows at once; more are found by searching.
LIST_LIMIT = 80


class UnionAssistPackScreen(models.AbstractModel):
    """What the phone page for packing orders into cartons reads and writes.

    Everything is read and written with the user's own rights. Only what the transfer has
    reserved goes into its cartons: another product, another lot or more of it is refused.
    """

    _name = "union.assist.pack.screen"
    _description = "Packing into Cartons"

    # ------------------------------------------------------------------
    # Reading
    # ------------------------------------------------------------------
    @api.model
    def get_transfers(self, term=""):
        """List the transfers that wait to be packed, those begun first.

        :param str term: a part of the transfer's or the order's number, or of the recipient's
            name; all when empty
        """
        domain = Domain("assist_can_pack", "=", True)
        term = str(term or "").strip()
        if term:
            domain &= Domain.OR(
                Domain(name, "ilike", term) for name in ("name", "origin", "partner_id")
            )
        pickings = self.env["stock.picking"].search(
            domain, order="scheduled_date, id", limit=LIST_LIMIT
        )
        rows = self._get_summaries(pickings)
        return sorted(rows, key=lambda row: not row["packed"])

    def _get_summaries(self, pickings):
        return [
            {
                "id": picking.id,
                "name": picking.name,
                "order": picking.sale_id.name or picking.origin or "",
                "recipient": self._get_recipient(picking),
                "due": fields.Date.to_string(
                    fields.Datetime.context_timestamp(self, picking.scheduled_date).date()
                ),
                "total": len(lines := self._get_lines(picking)),
                "packed": len(lines.filtered("result_package_id")),
                "cartons": len(lines.result_package_id),
            }
            for picking in pickings
        ]

    def _get_recipient(self, picking):
        partner = picking.sudo().partner_id or picking.sudo().sale_id.partner_shipping_id
        unit = partner.commercial_partner_id
        return unit.name if unit.is_company else ""

    def _get_lines(self, picking):
        return picking.move_line_ids.filtered(
            lambda line: line.state not in ("done", "cancel") and line.quantity > 0
        )

    @api.model
    def get_transfer(self, picking_id):
        """Return all that the screen shows of one transfer.

        :raise AccessError: the user may not read it
        :raise UserError: there is no such transfer
        """
        picking = self._get_picking(picking_id)
        [summary] = self._get_summaries(picking)
        lines = self._get_lines(picking)
        positions = lines.result_package_id._assist_get_positions()
        kilos = self.env["product.template"]._get_weight_uom_name_from_ir_config_parameter()
        cartons = []
        for package, group in (
            lines.filtered("result_package_id").grouped("result_package_id").items()
        ):
            rows = [
                {"product": line.product_id, "quantity": line.quantity_product_uom}
                for line in group
            ]
            net, gross = package._assist_get_weights(rows)
            cartons.append(
                {
                    "id": package.id,
                    "name": package.name,
                    "sscc": package.assist_sscc or "",
                    "kind": package.package_type_id.name or "",
                    "number": positions.get(package, (0, 0))[0],
                    "net": round(net, 3),
                    "gross": round(gross, 3),
                    "weighed": package.shipping_weight,
                    "over": bool(
                        package.package_type_id.max_weight
                        and gross > package.package_type_id.max_weight
                    ),
                    "lines": [self._get_line(line) for line in group],
                }
            )
        waiting = lines.filtered(lambda line: not line.result_package_id)
        return {
            **summary,
            "state": picking.state,
            "kilos": kilos,
            "lines": [self._get_line(line) for line in waiting],
            "cartons": sorted(cartons, key=lambda carton: carton["number"]),
            "kinds": [
                {"id": kind.id, "name": kind.name}
                for kind in self.env["stock.package.type"].search(
                    [("company_id", "in", (False, picking.company_id.id))]
                )
            ],
            "hint": ""
            if picking.company_id.sudo().assist_gs1_prefix
            else self.env._(
                "%(company)s has no GS1 prefix: cartons carry the package's name instead of an"
                " SSCC.",
                company=picking.company_id.name,
            ),
        }

    def _get_line(self, line):
        product = line.product_id.with_context(display_default_code=False)
        lot = line.lot_id
        return {
            "id": line.id,
            "product": product.display_name,
            "lot": lot.name or "",
            "expires": fields.Date.to_string(
                fields.Datetime.context_timestamp(self, lot.expiration_date).date()
            )
            if lot.expiration_date
            else "",
            "quantity": line.quantity_product_uom,
            "unit": product.uom_id.name,
            "code": lot.name or product.barcode or product.default_code or "",
        }

    # ------------------------------------------------------------------
    # Packing
    # ------------------------------------------------------------------
    @api.model
    def find_by_code(self, picking_id, code):
        """Find what a code means on a transfer: goods that wait to be packed, or a carton.

        Understood are lots, bar codes and references of products, GS1 codes with the lot (10)
        or the SSCC (00) in them, and the codes of cartons.

        :return: ``{"lines": [ids]}`` or ``{"carton": id}``
        :raise UserError: the code belongs to nothing that waits here, and why
        """
        picking = self._get_picking(picking_id)
        code = read_code(code)
        parts = self.env["union.assist.inspection.entry"]._parse_gs1(code)
        lines = self._get_lines(picking)
        numbers = {code, parts.get("00")} - {None, ""}
        cartons = lines.result_package_id.filtered(
            lambda package: package.assist_sscc in numbers or package.name in numbers
        )
        if cartons:
            return {"carton": cartons[0].id}
        found = self._match(lines, code, parts)
        waiting = found.filtered(lambda line: not line.result_package_id)
        if waiting:
            return {"lines": waiting.ids}
        raise UserError(self._explain(picking, lines, found, code, parts))

    def _match(self, lines, code, parts):
        gtin = parts.get("01") or parts.get("02")
        if gtin:
            # The product may carry its GTIN with or without leading zeros.
            same = {gtin.lstrip("0").zfill(length) for length in (8, 12, 13, 14)}
            lines = lines.filtered(lambda line: line.product_id.barcode in same)
            if "10" in parts:
                lines = lines.filtered(lambda line: line.lot_id.name == parts["10"])
            return lines
        name = parts.get("10") or code.rstrip("/").rsplit("/", 1)[-1]
        return lines.filtered(lambda line: line.lot_id.name in (name, code)) or lines.filtered(
            lambda line: code in (line.product_id.barcode, line.product_id.default_code)
        )

    def _explain(self, picking, lines, found, code, parts):
        """Say why a code cannot be packed here."""
        if found:
            return self.env._(
                "All of %(product)s %(lot)s on %(picking)s is packed already: nothing more of it"
                " belongs here.",
                product=found[0].product_id.display_name,
                lot=found[0].lot_id.name or "",
                picking=picking.name,
            )
        lots = self.env["stock.lot"].search(
            [
                ("name", "in", [name for name in (code, parts.get("10")) if name]),
                ("product_id", "in", picking.move_ids.product_id.ids),
            ]
        )
        if lots[:1].sudo().assist_is_held:
            return self._say_held(lots[0])
        if lots:
            expected = lines.filtered(lambda line: line.product_id == lots[0].product_id)
            return self.env._(
                "Wrong lot: of %(product)s lot %(expected)s is to be packed, not %(lot)s. Put it"
                " back, or change the lot on the transfer.",
                product=lots[0].product_id.display_name,
                expected=", ".join(expected.lot_id.mapped("name")) or "–",
                lot=lots[0].name,
            )
        return self.env._(
            "“%(code)s” does not belong to %(picking)s: set it aside.",
            code=code,
            picking=picking.name,
        )

    @api.model
    def pack(self, picking_id, line_id, quantity, package_id=None, package_type_id=None):
        """Put goods into a carton; without one into a new carton.

        :param int line_id: move line that the goods are reserved on
        :param float quantity: in the product's unit
        :param int package_id: carton of this transfer; a new one when left out
        :param int package_type_id: kind of a new carton
        :return: ``{"carton": id, "transfer": …}``
        :raise UserError: it does not belong there, is too much, held or undecided
        """
        picking = self._get_picking(picking_id)
        picking.check_access("write")
        lines = self._get_lines(picking)
        line = lines.filtered(lambda line: line.id == line_id and not line.result_package_id)
        if not line:
            raise UserError(
                self.env._("This was packed meanwhile, or does not belong to the transfer: reload.")
            )
        self._check_quantity(line, quantity)
        self._check_free(line)
        package = self._get_carton(lines, package_id)
        self._check_mixing(line, package, lines)
        package = self._put(line, quantity, package, package_type_id)
        return {"carton": package.id, "transfer": self.get_transfer(picking.id)}

    def _put(self, line, quantity, package, package_type_id=None):
        """Move a quantity of a line into a carton, joining it with the same lot in there."""
        same = (line.picking_id.move_line_ids - line).filtered(
            lambda other: (
                package
                and other.result_package_id == package
                and other.move_id == line.move_id
                and other.lot_id == line.lot_id
                and other.package_id == line.package_id
                and other.owner_id == line.owner_id
                and other.location_id == line.location_id
                and other.location_dest_id == line.location_dest_id
                and other.state not in ("done", "cancel")
            )
        )[:1]
        part = line._assist_split(quantity)
        part.picked = True
        if same:
            unit = line.product_id.uom_id
            together = same.quantity_product_uom + part.quantity_product_uom
            part.unlink()
            same.write({"quantity": together, "product_uom_id": unit.id, "picked": True})
            package._assist_register_packing(same)
            return package
        return part._put_in_pack(
            package_id=package.id or False,
            package_type_id=self._get_kind(package_type_id).id or False,
        )

    def _check_quantity(self, line, quantity):
        unit = line.product_id.uom_id
        if isinstance(quantity, bool) or not isinstance(quantity, int | float):
            raise UserError(self.env._("Enter a quantity in figures."))
        if not quantity > 0 or unit.compare(quantity, line.quantity_product_uom) > 0:
            raise UserError(
                self.env._(
                    "%(quantity)s %(unit)s cannot be packed: %(left)s %(unit)s of %(product)s"
                    " %(lot)s are left to pack.",
                    quantity=f"{quantity:g}",
                    unit=unit.name,
                    product=line.product_id.display_name,
                    lot=line.lot_id.name or "",
                    left=f"{line.quantity_product_uom:g}",
                )
            )

    def _check_free(self, line):
        """Refuse goods on hold and undecided lots here, before they are in the carton."""
        lot = line.sudo().lot_id
        if lot.assist_is_held:
            raise UserError(self._say_held(lot))
        checked = line.sudo()
        if checked._assist_is_gated(None, checked.lot_id._assist_get_supplier_kinds()):
            checked._assist_check_released()

    def _say_held(self, lot):
        return self.env._(
            "%(product)s, lot %(lot)s, is on hold (%(holds)s): set it aside.",
            product=lot.product_id.display_name,
            lot=lot.name,
            holds=lot.sudo().assist_held_by,
        )

    def _check_mixing(self, line, package, lines):
        """Chilled, frozen and strongly smelling goods have cartons of their own."""
        others = lines.filtered(lambda other: package and other.result_package_id == package)
        wanted = line.product_id.assist_carton_class
        different = others.product_id.filtered(lambda p: p.assist_carton_class != wanted)
        if different:
            raise UserError(
                self.env._(
                    "%(product)s does not go into one carton with %(other)s: start another one.",
                    product=line.product_id.display_name,
                    other=different[0].display_name,
                )
            )

    @api.model
    def take_out(self, picking_id, line_id):
        """Take goods out of their carton again; an empty carton is given up."""
        picking = self._get_picking(picking_id)
        picking.check_access("write")
        line = self._get_lines(picking).filtered(lambda line: line.id == line_id)
        package = line.result_package_id
        if package:
            line.write({"result_package_id": False, "picked": False})
            if (
                not picking.move_line_ids.filtered(lambda other: other.result_package_id == package)
                and not package.quant_ids
            ):
                # Who may pack may give up the carton that packing made.
                package.sudo().unlink()
        return self.get_transfer(picking.id)

    @api.model
    def weigh(self, picking_id, package_id, weight):
        """Close a carton with the weight that the scales show.

        :param float weight: gross, in kilograms; 0 when it was not weighed
        """
        picking = self._get_picking(picking_id)
        picking.check_access("write")
        package = self._get_carton(self._get_lines(picking), package_id)
        weight = read_number(weight)
        if weight is None or weight < 0:
            raise UserError(self.env._("Enter the weight in figures, 0 or more."))
        package.shipping_weight = weight
        return self.get_transfer(picking.id)

    @api.model
    def apply_proposal(self, picking_id):
        """Pack what is left by the proposal: first fit by weight and volume.

        :return: as ``get_transfer``
        :raise UserError: there are no kinds of cartons, or goods that fit none
        """
        picking = self._get_picking(picking_id)
        picking.check_access("write")
        for carton in picking._assist_propose_cartons():
            package = self.env["stock.package"]
            for line_id, quantity in carton.contents.items():
                line = self.env["stock.move.line"].browse(line_id)
                self._check_free(line)
                package = self._put(line, quantity, package, carton.box.key)
        return self.get_transfer(picking.id)

    @api.model
    def finish(self, picking_id):
        """Validate the transfer when everything on it is packed.

        :return: the action that Odoo asks for, or ``True``
        :raise UserError: something is not packed yet
        """
        picking = self._get_picking(picking_id)
        left = self._get_lines(picking).filtered(lambda line: not line.result_package_id)
        if left:
            raise UserError(
                self.env._(
                    "Not packed yet: %(goods)s.",
                    goods=", ".join(
                        f"{line.product_id.display_name} {line.lot_id.name or ''}".strip()
                        for line in left[:10]
                    ),
                )
            )
        return picking.button_validate()

    # ------------------------------------------------------------------
    # Checks
    # ------------------------------------------------------------------
    def _get_picking(self, picking_id):
        pickings = self.env["stock.picking"]
        picking = pickings.browse(picking_id if isinstance(picking_id, int) else 0).exists()
        if not picking:
            raise UserError(self.env._("This transfer does not exist any more."))
        picking.check_access("read")
        return picking

    def _get_carton(self, lines, package_id):
        package = lines.result_package_id.filtered(lambda package: package.id == package_id)
        if package_id and not package:
            raise UserError(self.env._("This carton does not belong to the transfer: reload."))
        return package

    def _get_kind(self, package_type_id):
        kinds = self.env["stock.package.type"]
        return kinds.browse(package_type_id if isinstance(package_type_id, int) else 0).exists()
