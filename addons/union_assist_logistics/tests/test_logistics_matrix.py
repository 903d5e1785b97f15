from odoo.tests import tagged

from odoo.addons.union_assist_catalog.tests.matrix_common import AccessMatrix, each

from .common import UnionAssistQualityCommon

# What each role may do with each model: r(ead), w(rite), c(reate), u(nlink).
ALL = "rwcu"
READERS = (
    "federation",
    "inspector",
    "manager",
    "operator",
    "stock",
    "viewer",
    "warehouse",
)
READ = dict.fromkeys(READERS, "r")
RULES = {**READ, "manager": ALL}
VIEW = {role: "r" for role in READERS if role != "stock"}
PORTAL = {"portal": "r"}
LAB = dict.fromkeys(("inspector", "operator", "manager"), ALL)
DECIDE = {"manager": "rwc", "operator": "rwc"}
HELD = {role: "r" for role in READERS if role not in ("federation", "viewer")}
STOCK = dict.fromkeys(("manager", "operator", "stock", "warehouse"), "rwc")

MATRIX = {
    # Nobody: what plan items and inspection lines have in common.
    **each("quality.criterion", {}),
    # Quality control: results and decisions are evidence.
    **each("quality.plan quality.plan.item", RULES),
    **each("quality.plan.use", {"manager": "rwc"}),
    **each("quality.reading", {**READ, "inspector": ALL, "manager": ALL}),
    **each(
        "quality.inspection quality.inspection.line",
        {**READ, "inspector": "rw", "manager": "rw"},
    ),
    **each("quality.decision", {**READ, "operator": "rc", "manager": "rc"}),
    **each("quality.decide", DECIDE),
    # Nonconformities: found by many, their answers are evidence
    **each(
        "nonconformity",
        {
            **VIEW,
            "inspector": "rwc",
            "manager": ALL,
            "operator": "rwc",
            "portal": "r",
            "warehouse": "rwc",
        },
    ),
    **each("nonconformity.answer", {**VIEW, "portal": "r"}),
    **each("nonconformity.cause", {**VIEW, "manager": ALL}),
    # Arrival checks
    **each("arrival.rule", {**VIEW, "manager": ALL}),
    **each("arrival.check", {**READ, "inspector": "rw", "manager": "rw", "warehouse": "rw"}),
    **each("arrival.concede", DECIDE),
    # Sampling and what follows from earlier lots
    **each("sampling.base", {}),
    **each(
        "sampling.table sampling.letter sampling.row quality.switching", {**VIEW, "manager": ALL}
    ),
    **each("quality.standing", {**VIEW, "manager": "rw", "operator": "rw"}),
    **each("quality.standing.event", VIEW),
    # Packing
    **each("packing.rule", RULES),
    **each("packing.finding", READ),
    **each("pack.screen", {}),
    # The laboratory: reports, re-tests, samples; the phone screen is no model of its own.
    **each("inspection.entry", {}),
    **each("laboratory", {**RULES, **PORTAL}),
    **each("lab.report lab.report.line", {**READ, **PORTAL, **LAB}),
    **each("retest", {**READ, "inspector": "rw", "operator": "rwc", "manager": "rwc"}),
    **each("retention.sample", {**READ, "inspector": "rwc", "manager": "rwc"}),
    # Delivery notes and routes: what was loaded and measured is evidence.
    **each("note.layout", RULES),
    **each("vehicle", {**STOCK, "manager": ALL}),
    **each("loading temperature", dict.fromkeys(STOCK, "r")),
    **each("depart depart.line", STOCK),
    # Proof of delivery
    **each("delivery.event delivery.photo delivery.receipt delivery.receipt.line", READ),
    **each("delivery.case", {**READ, **dict.fromkeys(("operator", "manager"), ALL)}),
    **each("delivery.scan", dict.fromkeys(("operator", "warehouse", "manager"), "r")),
    **each(
        "delivery.paper delivery.paper.line",
        dict.fromkeys(("operator", "warehouse", "manager"), ALL),
    ),
    # Holds, recalls, trace: what began is evidence.
    **each("trace trace.view lot.public", {}),
    **each("hold", {**HELD, "inspector": ALL, "manager": ALL, "operator": ALL}),
    **each("hold.line recall.balance", HELD),
    **each("hold.lift", DECIDE),
    **each("recall", {**HELD, "manager": ALL, "operator": ALL}),
    **each("recall.line recall.recipient", {**HELD, "manager": "rw", "operator": "rw"}),
}

PUBLIC = {
    "union.assist.hold": (
        "action_hold action_lift action_recall action_view_recalls action_view_stopped"
    ),
    "union.assist.hold.lift": "action_confirm",
    "union.assist.recall": (
        "action_cancel action_close action_letters action_notify action_start action_view_lines"
        " action_view_recipients action_view_returns"
    ),
    "union.assist.recall.recipient": "action_return action_view_returns",
    "union.assist.trace.view": "find get_trace",
    "mrp.bom": (
        "action_assist_approve action_assist_check action_assist_new_version"
        " action_assist_submit action_assist_withdraw"
    ),
    "mrp.production": "action_confirm action_print_assist_labels",
    "stock.package": "action_assist_print_labels",
    "union.assist.pack.screen": (
        "apply_proposal find_by_code finish get_transfer get_transfers pack take_out weigh"
    ),
    "stock.picking.batch": (
        "action_add_ready action_cancel action_confirm action_depart action_done action_finish"
        " action_open_driver action_open_loading action_print_notes action_propose_stops"
        " action_view_loadings assist_get_loading assist_get_open_routes assist_load_loose"
        " assist_record_temperature assist_scan assist_take_off"
    ),
    "union.assist.depart": "action_confirm",
    "union.assist.note.layout": "action_print_sample",
    "union.assist.vehicle": "action_view_routes",
    "product.template": "action_view_assist_inspections",
    "union.assist.nonconformity": (
        "action_close action_reopen action_send action_view_inspection action_view_picking"
    ),
    "union.assist.quality.decision": "action_view_inspection action_view_lot",
    "res.partner": "action_view_assist_nonconformities action_view_assist_standings",
    "stock.lot": (
        "action_assist_hold action_assist_inspect action_view_assist_inspections"
        " action_view_assist_lab_reports"
        " action_view_assist_samples"
    ),
    "union.assist.inspection.entry": (
        "find_by_code get_inspection get_open_inspections save_result"
    ),
    "union.assist.lab.report": (
        "action_check action_open_file action_propose_items action_refuse action_submit"
        " action_take_over"
    ),
    "union.assist.laboratory": "action_view_reports",
    "union.assist.retention.sample": "action_discard action_print_label",
    "union.assist.retest": "action_cancel action_record_report",
    "union.assist.arrival.check": "action_concede action_fail action_pass",
    "union.assist.arrival.concede": "action_confirm",
    "stock.picking": (
        "action_add_to_route action_assist_close_proof action_assist_download_receipt"
        " action_assist_hold"
        " action_assist_mark_delivered action_assist_renew_link action_make_route"
        " action_assist_arrival_rest_conforms action_view_assist_arrival_checks"
        " action_view_assist_cases"
        " action_assist_pack action_view_assist_cartons"
        " action_view_assist_inspections action_view_assist_receipt"
        " action_assist_report_problem action_view_assist_nonconformities"
    ),
    "union.assist.delivery.case": (
        "action_agree action_close action_credit action_done action_reopen"
        " action_view_credit_note action_view_nonconformity action_view_transfers"
    ),
    "union.assist.delivery.paper": "action_confirm",
    "union.assist.delivery.receipt": "action_download action_view_cases",
    "union.assist.quality.decide": "action_confirm",
    "union.assist.quality.inspection": (
        "action_decide action_enter action_inspect_in_full action_pass_all action_reopen"
        " action_request_retest action_submit action_view_lab_reports action_view_nonconformities"
        " action_view_picking action_view_retests action_view_samples"
    ),
    "union.assist.quality.plan": (
        "action_new_version action_use action_view_inspections action_view_versions"
    ),
    "union.assist.quality.plan.use": "action_use",
    "union.assist.quality.standing": "action_resume action_view_inspections",
}


@tagged("post_install", "-at_install", "union_assist")
class TestLogisticsMatrix(AccessMatrix, UnionAssistQualityCommon):
    allow_inherited_tests_method = True
    addon = "union_assist_logistics"
    matrix = MATRIX
    public = PUBLIC
    roles = {
        "public": "base.group_public",
        "portal": "base.group_portal",
        "employee": "base.group_user",
        "county": "union_assist_catalog.group_county",
        "federation": "union_assist_catalog.group_federation",
        "inspector": "union_assist_logistics.group_inspector",
        "manager": "union_assist_catalog.group_manager",
        "operator": "union_assist_catalog.group_operator",
        "stock": "stock.group_stock_user",
        "viewer": "union_assist_catalog.group_user",
        "warehouse": "union_assist_logistics.group_warehouse",
    }

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.receive({"T-1": 10})

    def _get_records(self, name):
        if name == "stock.lot":
            return self.lot("T-1").sudo()
        return super()._get_records(name)
