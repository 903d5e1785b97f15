"""What happens in the tenders of the demonstration: one is called, one opened and awarded.

Bids of the awarded one were sealed before their deadline, which lies in the past; its opening and
award go the ordinary way. All prices are invented.
"""

from datetime import timedelta

from ..models.tender_bid import get_bid_keys
from ..tools.sealing import seal

PROCURE = "union_assist_procure."
CATALOG = "union_assist_catalog."

#: Unit prices for the two lots, in yuan.
CALLED = {"shengtai": ("50.5", "")}
AWARDED = {
    "shengtai": ("49.8", "38"),
    "qingchuang": ("51.5", "36.5"),
    "dali": ("48.6", "39.2"),
    "ningshan": ("52", ""),
}


def load(env):
    """Call the one tender, open and award the other, where demo data were asked for."""
    tenders = [
        env.ref(f"{PROCURE}tender_{name}", raise_if_not_found=False)
        for name in ("spring", "autumn")
    ]
    if not all(tenders):
        return
    env = env(context={**env.context, "lang": "zh_CN", "tz": "Asia/Shanghai"})
    called, awarded = (tender.with_env(env) for tender in tenders)
    operator = env.ref(f"{CATALOG}user_operator")
    called.with_user(operator).action_call()
    for name, prices in CALLED.items():
        _get_invitation(called, name)._submit(_prepare_content(called, prices))

    awarded.sudo().write({"state": "called", "called_on": awarded.deadline - timedelta(days=14)})
    awarded.invitation_ids.sudo().write({"invited_on": awarded.called_on})
    for hours, (name, prices) in enumerate(AWARDED.items(), start=1):
        _seal_before(awarded, name, prices, awarded.deadline - timedelta(hours=5 * hours))
    awarded.with_user(operator).action_request_opening()
    awarded.with_user(env.ref(f"{CATALOG}user_federation")).action_open()
    wizard = env["union.assist.tender.award.step"].with_user(operator)
    wizard.create({"tender_id": awarded.id}).action_award()

    # Nobody is written to from a demonstration.
    mails = env["mail.mail"].search([("model", "=", "union.assist.tender.invitation")])
    mails.write({"state": "cancel"})


def _get_invitation(tender, name):
    supplier = tender.env.ref(f"{CATALOG}partner_supplier_{name}")
    return tender.invitation_ids.filtered(lambda row: row.supplier_id == supplier).sudo()


def _prepare_content(tender, prices):
    return {
        "lots": {
            str(lot.id): {
                "price": price,
                "quantity": f"{lot.quantity:g}",
                "days": "15",
                "note": "",
            }
            for lot, price in zip(tender.lot_ids, prices, strict=True)
            if price
        },
        "note": "",
    }


def _seal_before(tender, name, prices, moment):
    """Have a bid handed in at a moment before the deadline that passed."""
    invitation = _get_invitation(tender, name)
    users = tender.env["res.users"].search(
        [("partner_id.commercial_partner_id", "=", invitation.supplier_id.id)], limit=1
    )
    user = users or tender.env.ref("base.user_root")
    sealed = seal(
        _prepare_content(tender, prices),
        tender.deadline,
        get_bid_keys(tender.env),
        invitation._get_binding(),
    )
    tender.env["union.assist.tender.bid"].sudo().create(
        {
            "invitation_id": invitation.id,
            "sealed": sealed.token,
            "digest": sealed.digest,
            "state": "sealed",
            "submitted_on": moment,
            "submitted_by_id": user.id,
        }
    )
    invitation.state = "bid"
    tender.env["union.assist.tender.event"].sudo().create(
        {
            "tender_id": tender.id,
            "invitation_id": invitation.id,
            "kind": "submitted",
            "date": moment,
            "digest": sealed.digest,
            "user_id": user.id,
        }
    )
