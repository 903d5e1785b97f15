from odoo.exceptions import UserError


class CapExceeded(UserError):
    """An order takes more than its supplier's purchase cap has left.

    Everywhere a user error like any other. The web client shows it with a button that leads to
    the way out: its ``args`` are those of a redirect warning.

    :param str message: what exceeds which cap, and what would fit
    :param dict action: window action that helps; None when nothing does
    :param str button_text: label of its button
    :param dict additional_context: context of the action
    """

    def __init__(self, message, action=None, button_text=None, additional_context=None):
        super().__init__(message)
        self.args = (message, action, button_text, additional_context)

    def __str__(self):
        return self.args[0]
