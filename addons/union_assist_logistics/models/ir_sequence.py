from odoo import models
from odoo.tools import SQL


class IrSequence(models.Model):
    _inherit = "ir.sequence"

    def _assist_next_numbers(self, count, date):
        """Draw several numbers in a row, of gapless sequences all at once.

        The sequence is written to, and so locked until the transaction ends: who draws at
        the same moment fails to serialize and is replayed, so that nobody's rollback leaves
        a gap and no number is given twice.

        :param count: how many numbers
        :param date: day that chooses the subsequence and fills in the prefix
        :return: list of numbers as text
        """
        self.ensure_one()
        if self.implementation != "no_gap":
            return [self.next_by_id(date) for _index in range(count)]
        # Written before its subsequence is looked for: two first draws of a year must not
        # both make one.
        self.env.cr.execute(
            SQL("UPDATE ir_sequence SET number_next = number_next WHERE id = %s", self.id)
        )
        counter = self._get_current_sequence(date)
        counter.flush_recordset(["number_next"])
        step = self.number_increment
        [(following,)] = self.env.execute_query(
            SQL(
                "UPDATE %s SET number_next = number_next + %s WHERE id = %s RETURNING number_next",
                SQL.identifier(counter._table),
                count * step,
                counter.id,
            )
        )
        counter.invalidate_recordset(["number_next"])
        prefixed = self.with_context(
            ir_sequence_date=date,
            ir_sequence_date_range=counter.date_from if self.use_date_range else date,
        )
        first = following - count * step
        return [prefixed.get_next_char(first + index * step) for index in range(count)]
