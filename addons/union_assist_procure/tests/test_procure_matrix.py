from odoo.tests import tagged

from odoo.addons.union_assist_catalog.tests.matrix_common import AccessMatrix, each

from .common import CapCommon

# What each role may do with each model: r(ead), w(rite), c(reate), u(nlink).
ALL = "rwcu"
READERS = ("viewer", "federation", "operator", "manager")
READ = dict.fromkeys(READERS, "r")
COUNTY = {**READ, "county": "r"}
PORTAL = {"portal": "r"}
RULES = {**READ, "manager": ALL}
KEPT = {**READ, "operator": ALL, "manager": ALL}
STEP = {"operator": "rwc", "manager": "rwc"}
WIZARD = {"operator": ALL, "manager": ALL}
BUYING = {**WIZARD, "buyer": ALL}


MATRIX = {
    # Nobody: its methods are not to be called from outside.
    **each("append.only settlement", {}),
    # Caps: their ledger is written by orders alone, their rules by administrators.
    **each("cap cap.entry", {**READ, **PORTAL}),
    **each("cap.override cap.reconciliation cap.reconciliation.line", READ),
    **each("cap.authority cap.bracket cap.policy", RULES),
    **each("season", {**RULES, **COUNTY, **PORTAL, "manager": ALL}),
    **each("cap.override.grant", {**dict.fromkeys(READERS, ALL), "buyer": ALL}),
    **each("cap.split cap.split.line", BUYING),
    **each("cap.what.if cap.what.if.line", dict.fromkeys(READERS, ALL)),
    # Fair spread
    **each("purchase.plan purchase.plan.demand", KEPT),
    **each("purchase.plan.line", {**READ, "operator": "rw", "manager": "rw"}),
    **each("plan.weights", RULES),
    **each("purchase.share", READ),
    **each("purchase.spread", dict.fromkeys(READERS, ALL)),
    # Settlement: a statement is made by its wizard and says what happened.
    **each("statement", {**READ, **PORTAL, "operator": "rwu", "manager": "rwu"}),
    **each("statement.line statement.dispute", {**READ, **PORTAL}),
    **each("payment.days", READ),
    **each("statement.answer statement.generate", STEP),
    # Subscriptions and intentions
    **each("call", {**dict.fromkeys(("buyer", "operator", "manager"), "r"), **PORTAL}),
    **each("signing.event", {**KEPT, "buyer": "r"}),
    # Tenders: what was bid, opened and awarded is nobody's to change.
    **each("tender tender.lot tender.weight", KEPT),
    **each("tender.invitation", {**KEPT, **PORTAL}),
    **each("tender.criterion", RULES),
    **each("tender.bid tender.bid.line tender.event tender.opening", READ),
    **each("tender.award tender.award.line tender.award.lot", READ),
    **each("tender.step tender.award.step tender.award.step.line tender.award.step.lot", WIZARD),
    # Contract farming: households are in it, so counties see their own and suppliers theirs.
    **each("farming.contract farming.schedule weigh.ticket", {**COUNTY, **KEPT, **PORTAL}),
    **each("farming.contract.line farming.contract.floor farming.advance", {**COUNTY, **KEPT}),
    **each("lot.source market.price", {**COUNTY, **KEPT}),
    **each("weigh.payment", {**COUNTY, **PORTAL, **STEP}),
    **each("farming.grade", {**COUNTY, **PORTAL, "manager": ALL}),
    **each("household.income", COUNTY),
    **each("farming.balance", READ),
    **each("weigh.pay weigh.void lot.feed", STEP),
    **each("weigh.pay.line lot.feed.line", WIZARD),
}
PUBLIC = {
    "purchase.order": (
        "action_close_remainder action_view_assist_tender button_approve button_confirm"
    ),
    "purchase.requisition": (
        "action_assist_call_off action_assist_convert action_cancel action_confirm action_done"
    ),
    "res.partner": (
        "action_assist_what_if action_view_assist_caps action_view_assist_payment_days"
        " action_view_assist_statements"
    ),
    "stock.lot": "action_assist_feed",
    "union.assist.cap": (
        "action_reconcile action_view_entries action_view_orders action_view_overrides"
        " action_what_if get_what_if"
    ),
    "union.assist.cap.override.grant": "action_grant action_grant_confirm",
    "union.assist.cap.reconciliation": "action_correct action_run",
    "union.assist.cap.split": "action_split action_split_confirm",
    "union.assist.farming.contract": (
        "action_add_households action_cancel action_close action_draft"
        " action_propose_linkages action_reopen action_sign action_view_linkages"
        " action_view_tickets"
    ),
    "union.assist.farming.schedule": "action_view_contract",
    "union.assist.lot.feed": "action_feed",
    "union.assist.purchase.plan": (
        "action_cancel action_compute action_order action_reset action_undo_orders"
        " action_view_lines action_view_orders"
    ),
    "union.assist.purchase.plan.demand": "action_view_lines",
    "union.assist.purchase.spread": "action_view_share action_view_unserved",
    "union.assist.signing.event": "action_view_intentions action_view_subscriptions",
    "union.assist.statement": (
        "action_print action_propose_bills action_refresh action_send action_view_bills"
        " action_view_disputes action_view_lines"
    ),
    "union.assist.statement.answer": "action_confirm",
    "union.assist.statement.generate": "action_generate",
    "union.assist.statement.line": "action_answer action_view_order",
    "union.assist.tender": (
        "action_award action_call action_cancel action_confirm_orders action_extend"
        " action_fail action_open action_request_opening action_view_comparison"
        " action_view_events action_view_orders"
    ),
    "union.assist.tender.award": "action_print",
    "union.assist.tender.award.step": "action_award",
    "union.assist.tender.opening": "action_print",
    "union.assist.tender.step": "action_confirm",
    "union.assist.weigh.pay": "action_pay",
    "union.assist.weigh.payment": "action_cancel",
    "union.assist.weigh.ticket": "action_confirm action_feed_lot action_pay action_void",
    "union.assist.weigh.void": "action_apply",
}


@tagged("post_install", "-at_install", "union_assist")
class TestProcureMatrix(AccessMatrix, CapCommon):
    allow_inherited_tests_method = True
    addon = "union_assist_procure"
    matrix = MATRIX
    public = PUBLIC
    roles = {
        "public": "base.group_public",
        "portal": "base.group_portal",
        "employee": "base.group_user",
        "buyer": "purchase.group_purchase_user",
        "county": "union_assist_catalog.group_county",
        "viewer": "union_assist_catalog.group_user",
        "federation": "union_assist_catalog.group_federation",
        "operator": "union_assist_catalog.group_operator",
        "manager": "union_assist_catalog.group_manager",
    }

    def _get_records(self, name):
        if name == "purchase.order":
            return self._create_order(1000).sudo()
        return super()._get_records(name)
