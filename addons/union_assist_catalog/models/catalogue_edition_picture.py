import base64
import hashlib

from odoo import api, fields, models
from odoo.exceptions import UserError

from .catalogue_edition import GUARD_ERROR


class UnionAssistCatalogueEditionPicture(models.Model):
    """A picture as editions print it, kept once for all of them.

    It lies in the table itself: a file of the file store could change behind the guard.
    """

    _name = "union.assist.catalogue.edition.picture"
    _description = "Picture of an Edition"
    _order = "id"
    _rec_name = "checksum"
    _log_access = False

    checksum = fields.Char("SHA-256 Checksum", required=True, readonly=True)
    source_checksum = fields.Char(
        required=True,
        readonly=True,
        index=True,
        help="Of the product's picture that this one was made from.",
    )
    image = fields.Binary("Picture", attachment=False, required=True, readonly=True)

    _checksum_unique = models.UniqueIndex("(checksum)", "This picture is kept already.")

    def init(self):
        """Guard the pictures in the database: all from the start, for drafts have none."""
        self.env.cr.execute("""
            CREATE OR REPLACE FUNCTION union_assist_catalogue_edition_picture_guard()
            RETURNS trigger AS $$
            BEGIN
                IF TG_OP = 'DELETE' THEN
                    PERFORM FROM union_assist_catalogue_edition_line WHERE picture_id = OLD.id;
                    IF NOT FOUND THEN RETURN OLD; END IF;
                ELSIF TG_OP = 'TRUNCATE' THEN
                    PERFORM FROM union_assist_catalogue_edition_picture;
                    IF NOT FOUND THEN RETURN NULL; END IF;
                END IF;
                RAISE EXCEPTION 'A published catalogue edition never changes (% on %).',
                    TG_OP, TG_TABLE_NAME
                    USING ERRCODE = 'integrity_constraint_violation', TABLE = TG_TABLE_NAME;
            END $$ LANGUAGE plpgsql
        """)
        self.env["union.assist.catalogue.edition"]._create_guard("UPDATE OR DELETE", self._table)

    @api.model
    def _sql_error_to_message(self, exc):
        if exc.pgcode == GUARD_ERROR:
            return self.env["union.assist.catalogue.edition"]._get_refusal()
        return super()._sql_error_to_message(exc)

    def write(self, vals):
        if vals:
            raise UserError(self.env["union.assist.catalogue.edition"]._get_refusal())
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_printed(self):
        if self.env["union.assist.catalogue.edition.line"].search_count(
            [("picture_id", "in", self.ids)], limit=1
        ):
            raise UserError(self.env["union.assist.catalogue.edition"]._get_refusal())

    @api.model
    def _freeze(self, contents):
        """Keep pictures that are not kept yet.

        :param contents: ``{checksum of the source: JPEG bytes}``
        :return: ``{checksum of the source: picture id}``
        """
        checksums = {
            source: hashlib.sha256(content).hexdigest() for source, content in contents.items()
        }
        known = self.search_fetch([("checksum", "in", list(checksums.values()))], ["checksum"])
        ids = {picture.checksum: picture.id for picture in known}
        new = {checksum: source for source, checksum in checksums.items() if checksum not in ids}
        created = self.create(
            [
                {
                    "checksum": checksum,
                    "source_checksum": source,
                    "image": base64.b64encode(contents[source]),
                }
                for checksum, source in new.items()
            ]
        )
        ids.update(zip(new, created.ids, strict=True))
        return {source: ids[checksum] for source, checksum in checksums.items()}

    def _get_contents(self):
        """Return ``{picture id: JPEG bytes}``."""
        return {
            picture.id: base64.b64decode(picture.image)
            for picture in self.with_context(bin_size=False)
        }
