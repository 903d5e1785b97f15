from odoo import api, fields, models
from odoo.exceptions import UserError

from .catalogue_edition import GUARD_ERROR


class UnionAssistCatalogueEditionLine(models.Model):
    """A product as it stands in an edition: a copy of everything that is printed of it.

    Texts are in the language of the edition. The only links are to the product, so that it
    can be found, and to the currency; what is printed never comes through them.
    """

    _name = "union.assist.catalogue.edition.line"
    _description = "Product of an Edition"
    _order = "edition_id, sequence, id"
    # Nobody changes a line; without links to users none of them can be in the way.
    _log_access = False

    edition_id = fields.Many2one(
        "union.assist.catalogue.edition",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    catalogue_id = fields.Many2one(related="edition_id.catalogue_id")
    edition_date = fields.Date(related="edition_id.date")
    sequence = fields.Integer("Position", required=True, readonly=True, aggregator=None)
    product_tmpl_id = fields.Many2one(
        "product.template", "Product", required=True, readonly=True, index=True, ondelete="restrict"
    )
    name = fields.Char(required=True, readonly=True)
    code = fields.Char("Internal Reference", readonly=True)
    gtin = fields.Char("GTIN", readonly=True)
    specification = fields.Char(readonly=True)
    price = fields.Monetary(readonly=True, aggregator="avg")
    currency_id = fields.Many2one("res.currency", required=True, readonly=True, ondelete="restrict")
    currency = fields.Char("Currency Code", readonly=True)
    price_text = fields.Char("Price as Printed", readonly=True)
    unit = fields.Char(readonly=True)
    category = fields.Char(readonly=True)
    county = fields.Char(readonly=True)
    county_code = fields.Char(readonly=True)
    supplier = fields.Char(readonly=True)
    supplier_kind = fields.Char(readonly=True)
    certificate_type = fields.Char("Certificate", readonly=True)
    certificate_number = fields.Char(readonly=True)
    certificate_date_to = fields.Date("Certificate Valid until", readonly=True)
    shelf_life_days = fields.Integer("Shelf Life (days)", readonly=True, aggregator=None)
    storage = fields.Char(readonly=True)
    mechanism = fields.Char("Assistance Mechanism", readonly=True)
    household_count = fields.Integer(
        "Linked Households",
        readonly=True,
        aggregator=None,
        help="Verified households of the supplier on the day of the edition, without counties where"
        " they are fewer than the smallest count that is published.",
    )
    picture_id = fields.Many2one(
        "union.assist.catalogue.edition.picture",
        "Frozen Picture",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    image = fields.Binary("Picture", related="picture_id.image")
    # Widgets and routes of pictures ask for it.
    write_date = fields.Datetime("Frozen on", related="edition_id.published_on")

    _product_unique = models.UniqueIndex(
        "(edition_id, product_tmpl_id)", "The product stands in this edition already."
    )

    def init(self):
        """Guard the lines of published editions in the database."""
        self.env.cr.execute("""
            CREATE OR REPLACE FUNCTION union_assist_catalogue_edition_line_guard()
            RETURNS trigger AS $$
            DECLARE
                edition_state varchar;
            BEGIN
                IF TG_OP = 'TRUNCATE' THEN
                    PERFORM FROM union_assist_catalogue_edition_line line
                       JOIN union_assist_catalogue_edition edition ON edition.id = line.edition_id
                      WHERE edition.state = 'published';
                    IF NOT FOUND THEN RETURN NULL; END IF;
                ELSIF TG_OP = 'DELETE' THEN
                    PERFORM FROM union_assist_catalogue_edition
                      WHERE id = OLD.edition_id AND state = 'published';
                    IF NOT FOUND THEN RETURN OLD; END IF;
                ELSE
                    -- Whoever publishes the edition at the same moment waits, or this does.
                    SELECT state INTO edition_state FROM union_assist_catalogue_edition
                      WHERE id = NEW.edition_id FOR SHARE;
                    IF edition_state = 'draft' AND TG_OP = 'UPDATE' THEN
                        SELECT state INTO edition_state FROM union_assist_catalogue_edition
                          WHERE id = OLD.edition_id;
                    END IF;
                    IF edition_state = 'draft' THEN RETURN NEW; END IF;
                END IF;
                RAISE EXCEPTION 'A published catalogue edition never changes (% on %).',
                    TG_OP, TG_TABLE_NAME
                    USING ERRCODE = 'integrity_constraint_violation', TABLE = TG_TABLE_NAME;
            END $$ LANGUAGE plpgsql
        """)
        self.env["union.assist.catalogue.edition"]._create_guard(
            "INSERT OR UPDATE OR DELETE", self._table
        )

    @api.model
    def _sql_error_to_message(self, exc):
        if exc.pgcode == GUARD_ERROR:
            return self.env["union.assist.catalogue.edition"]._get_refusal()
        return super()._sql_error_to_message(exc)

    @api.model_create_multi
    def create(self, vals_list):
        editions = self.env["union.assist.catalogue.edition"].browse(
            {vals["edition_id"] for vals in vals_list if vals.get("edition_id")}
        )
        self._check_not_published(editions)
        return super().create(vals_list)

    def write(self, vals):
        self._check_not_published(self.edition_id)
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_published(self):
        self._check_not_published(self.edition_id)

    def _check_not_published(self, editions):
        if "published" in editions.sudo().mapped("state"):
            raise UserError(editions._get_refusal())

    @api.model
    def _get_printed_fields(self):
        """Return the names of the fields that are frozen, the picture apart."""
        skipped = {"edition_id", "sequence", "picture_id", "id"}
        return [
            name
            for name, field in self._fields.items()
            if field.store and field.column_type and name not in skipped
        ]

    @api.model
    def _get_printed_labels(self):
        """Return ``{field name: label}`` in the language of the context."""
        return {
            name: self._fields[name]._description_string(self.env)
            for name in self._get_printed_fields()
        }

    def action_view_product(self):
        """Open the product as it is today."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "product.template",
            "res_id": self.product_tmpl_id.id,
            "view_mode": "form",
        }
