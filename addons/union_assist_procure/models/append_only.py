from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL

GUARD_ERROR = "23000"  # integrity_constraint_violation


class UnionAssistAppendOnly(models.AbstractModel):
    """Records that are written once: no user, code or SQL changes or deletes them later."""

    _name = "union.assist.append.only"
    _description = "Append-only Records"

    # Columns that follow from other records or from the log of access, and may follow again.
    _append_only_except = ("create_uid", "write_uid", "write_date")

    def init(self):
        """Guard the table in the database, also against SQL of our own code."""
        if self._abstract:
            return
        self.env.cr.execute("""
            CREATE OR REPLACE FUNCTION union_assist_append_only() RETURNS trigger AS $$
            BEGIN
                IF TG_OP = 'UPDATE' THEN
                    IF to_jsonb(NEW) - TG_ARGV = to_jsonb(OLD) - TG_ARGV THEN
                        RETURN NEW;
                    END IF;
                END IF;
                RAISE EXCEPTION 'Append-only: % on %.', TG_OP, TG_TABLE_NAME
                    USING ERRCODE = 'integrity_constraint_violation', TABLE = TG_TABLE_NAME;
            END $$ LANGUAGE plpgsql
        """)
        free = SQL(", ").join(SQL("%s", name) for name in self._append_only_except)
        for suffix, events, each, arguments in (
            ("rows", "UPDATE OR DELETE", "ROW", free),
            ("truncate", "TRUNCATE", "STATEMENT", SQL()),
        ):
            self.env.cr.execute(
                SQL(
                    "DROP TRIGGER IF EXISTS %(trigger)s ON %(table)s;"
                    " CREATE TRIGGER %(trigger)s BEFORE %(events)s ON %(table)s"
                    " FOR EACH %(each)s EXECUTE FUNCTION union_assist_append_only(%(arguments)s)",
                    trigger=SQL.identifier(f"{self._table}_append_only_{suffix}"),
                    table=SQL.identifier(self._table),
                    events=SQL(events),
                    each=SQL(each),
                    arguments=arguments,
                )
            )

    @api.model
    def _sql_error_to_message(self, exc):
        if exc.pgcode == GUARD_ERROR:
            return self._get_append_only_refusal()
        return super()._sql_error_to_message(exc)

    @api.model
    def _get_append_only_refusal(self):
        return self.env._("These records are append-only: none of them changes or is deleted.")

    def write(self, vals):
        if vals:
            raise UserError(self._get_append_only_refusal())
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self._get_append_only_refusal())
