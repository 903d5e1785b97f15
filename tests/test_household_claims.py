"""Two clerks verify linkages of one household at the same moment, over real connections."""

import threading

import pytest

from odoo import SUPERUSER_ID, api
from odoo.exceptions import ValidationError
from odoo.service.model import retrying


@pytest.fixture
def claims(registry):
    """Ids of two submitted linkages that fit alone and not together."""
    with registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        region = env.ref("union_assist_catalog.region_610924")
        household = env["union.assist.household"].create(
            {"code": "CLAIMED-TWICE", "region_id": region.id, "persons": 4}
        )
        suppliers = env["res.partner"].create(
            [{"name": name, "assist_supplier_kind": "sme"} for name in ("One", "Two")]
        )
        return (
            env["union.assist.linkage"]
            .create(
                [
                    {
                        "household_id": household.id,
                        "supplier_id": supplier.id,
                        "mechanism_id": env.ref("union_assist_catalog.mechanism_wage_work").id,
                        "state": "submitted",
                    }
                    for supplier in suppliers
                ]
            )
            .ids
        )


def test_a_household_is_not_claimed_twice_at_once(registry, claims):
    both_have_read = threading.Barrier(2, timeout=30)
    refused = []

    def verify(linkage_id):
        waited = []
        try:
            with registry.cursor() as cr:
                env = api.Environment(cr, SUPERUSER_ID, {})

                def work():
                    linkage = env["union.assist.linkage"].browse(linkage_id)
                    assert linkage.state == "submitted"  # this begins the snapshot
                    if not waited:  # a replay goes on alone
                        waited.append(True)
                        both_have_read.wait()
                    linkage.action_verify()

                retrying(work, env)
        except ValidationError as error:
            refused.append(str(error))

    clerks = [threading.Thread(target=verify, args=(claim,)) for claim in claims]
    for clerk in clerks:
        clerk.start()
    for clerk in clerks:
        clerk.join(60)

    with registry.cursor() as cr:
        linkages = api.Environment(cr, SUPERUSER_ID, {})["union.assist.linkage"].browse(claims)
        assert sorted(linkages.mapped("state")) == ["submitted", "verified"]
    assert len(refused) == 1
    assert "counted 2 times" in refused[0]
