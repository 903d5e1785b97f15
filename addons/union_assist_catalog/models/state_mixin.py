from odoo import models
from odoo.exceptions import UserError


class UnionAssistStateMixin(models.AbstractModel):
    """Records that go through states by steps, each of which is for some states only."""

    _name = "union.assist.state.mixin"
    _description = "Steps by State"

    def _check_state(self, *states):
        """Refuse a step for records that are in another state.

        :param states: keys of ``state`` that the step is for
        :raise UserError: naming a record, its state and those that the step is for
        """
        wrong = self.filtered(lambda record: record.state not in states)[:1]
        if wrong:
            labels = dict(self._fields["state"]._description_selection(self.env))
            raise UserError(
                self.env._(
                    "%(record)s is in state “%(state)s”: this step does not apply to it, but to"
                    " what is in state %(states)s.",
                    record=wrong.display_name,
                    state=labels[wrong.state],
                    states=" / ".join(f"“{labels[state]}”" for state in states),
                )
            )
