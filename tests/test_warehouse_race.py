"""What people in a warehouse do at the same moment, over real connections."""

import threading
from functools import partial

import pytest

PATIENCE = 60  # seconds
PACKERS = 3


def _environment(cr):
    from odoo import SUPERUSER_ID, api  # noqa: PLC0415

    return api.Environment(cr, SUPERUSER_ID, {})


@pytest.fixture(scope="module")
def goods(registry):
    """Ids of a warehouse and of a product with lots; a GS1 prefix makes SSCCs of cartons."""
    with registry.cursor() as cr:
        env = _environment(cr)
        warehouse = env["stock.warehouse"].create({"name": "Race", "code": "RACE"})
        product = env["product.product"].create(
            {"name": "Race Tea", "is_storable": True, "tracking": "lot"}
        )
        warehouse.company_id.assist_gs1_prefix = "6901234"
        cr.commit()
        return warehouse.id, product.id


@pytest.fixture
def make_delivery(registry, goods):
    """Make a delivery of new lots, one unit each, that is reserved and wholly picked."""

    def make(*names):
        with registry.cursor() as cr:
            env = _environment(cr)
            warehouse = env["stock.warehouse"].browse(goods[0])
            product = env["product.product"].browse(goods[1])
            for name in names:
                lot = env["stock.lot"].create({"name": name, "product_id": product.id})
                env["stock.quant"]._update_available_quantity(
                    product, warehouse.lot_stock_id, 1, lot_id=lot
                )
            places = {
                "location_id": warehouse.lot_stock_id.id,
                "location_dest_id": env.ref("stock.stock_location_customers").id,
            }
            move = {"product_id": product.id, "product_uom_qty": len(names), **places}
            picking = env["stock.picking"].create(
                {
                    "picking_type_id": warehouse.out_type_id.id,
                    "partner_id": env["res.partner"].create({"name": "Race Union"}).id,
                    "move_ids": [(0, 0, move)],
                    **places,
                }
            )
            picking.action_confirm()
            picking.action_assign()
            assert sorted(picking.move_line_ids.lot_id.mapped("name")) == sorted(names)
            picking.move_line_ids.picked = True
            cr.commit()
            return picking.id

    return make


class Work(threading.Thread):
    """Some work in a transaction of its own, replayed like a request where it fails to serialize.

    ``outcome`` is what it returned or the error it ended with, ``attempts`` how often it began.
    """

    def __init__(self, registry, work, barrier=None):
        super().__init__()
        self.registry, self.work, self.barrier = registry, work, barrier
        self.attempts, self.outcome, self.pid = 0, None, None

    def attempt(self, env):
        self.attempts += 1
        env.cr.execute("SELECT pg_backend_pid()")  # the transaction's snapshot is taken here
        [self.pid] = env.cr.fetchone()
        if self.barrier and self.attempts == 1:
            self.barrier.wait()
        return self.work(env)

    def run(self):
        from odoo.service.model import retrying  # noqa: PLC0415

        try:
            with self.registry.cursor() as cr:
                env = _environment(cr)
                self.outcome = retrying(partial(self.attempt, env), env)
        except Exception as error:  # noqa: BLE001 (told to whoever asserts)
            self.outcome = error

    def is_waiting(self, watcher):
        """Whether it waits for a lock of another transaction."""
        watcher.rollback()  # a new look at what the others do
        watcher.execute("SELECT cardinality(pg_blocking_pids(%s)) > 0", [self.pid])
        return watcher.fetchone()[0]


def together(registry, *works):
    """Do all this at once, each from the same beginning; return the finished works."""
    barrier = threading.Barrier(len(works), timeout=PATIENCE)
    threads = [Work(registry, work, barrier) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=PATIENCE)
        assert not thread.is_alive()
    return threads


def meanwhile(registry, first, second):
    """Do the first, begin the second before the first is committed; return the second.

    :return: the finished work and whether it had to wait for the first
    """
    work = Work(registry, second)
    with registry.cursor() as cr, registry.cursor() as watcher:
        env = _environment(cr)
        first(env)
        env.flush_all()
        work.start()
        waited = False
        for _moment in range(PATIENCE * 20):
            if waited or not work.is_alive():
                break
            work.join(timeout=0.05)
            waited = bool(work.pid) and work.is_waiting(watcher)
        cr.commit()
    work.join(timeout=PATIENCE)
    assert not work.is_alive()
    return work, waited


def deliver(picking_id, env):
    env["stock.picking"].browse(picking_id).move_ids._action_done()
    return True


def hold(picking_id, env):
    """Put the lots of a delivery on hold, as the inspector of the demo data."""
    inspector = env["res.users"].search([("login", "=", "inspector")])
    lots = env["stock.picking"].browse(picking_id).move_line_ids.lot_id
    lines = [(6, 0, lots.ids)]
    holds = env["union.assist.hold"].with_user(inspector)
    made = holds.create({"reason": "Smells", "lot_ids": lines})
    made.action_hold()
    return made.id


def where(registry, picking_id):
    """State of a delivery and quantity of its lots at customers and in the warehouse."""
    with registry.cursor() as cr:
        picking = _environment(cr)["stock.picking"].browse(picking_id)
        quants = picking.move_line_ids.lot_id.quant_ids
        return (
            picking.state,
            sum(quants.filtered(lambda q: q.location_id.usage == "customer").mapped("quantity")),
            sum(quants.filtered(lambda q: q.location_id.usage == "internal").mapped("quantity")),
        )


def test_delivery_while_a_hold_is_being_set(registry, make_delivery):
    """The delivery waits for the hold, sees it and is refused."""
    picking_id = make_delivery("HOLD-1", "HOLD-2")
    work, waited = meanwhile(registry, partial(hold, picking_id), partial(deliver, picking_id))
    assert waited
    assert "is on hold" in str(work.outcome)
    assert work.attempts == 2  # noqa: PLR2004
    assert where(registry, picking_id) == ("assigned", 0, 2)


def test_hold_while_a_delivery_is_being_validated(registry, make_delivery):
    """The hold waits for the delivery, and knows then that the goods are with the customer."""
    picking_id = make_delivery("GONE-1", "GONE-2")
    work, waited = meanwhile(registry, partial(deliver, picking_id), partial(hold, picking_id))
    assert waited
    assert work.attempts == 2  # noqa: PLR2004
    assert where(registry, picking_id) == ("done", 2, 0)
    with registry.cursor() as cr:
        made = _environment(cr)["union.assist.hold"].browse(work.outcome)
        assert (made.state, sorted(made.line_ids.lot_id.mapped("name"))) == (
            "held",
            ["GONE-1", "GONE-2"],
        )
        assert not made.stopped_picking_ids, "nothing was left to stop"


def test_hold_and_delivery_at_once(registry, make_delivery):
    """Whoever comes second has seen the other: never are held goods delivered unseen."""
    for number in range(5):
        picking_id = make_delivery(f"ONCE-{number}")
        setting, delivering = together(
            registry, partial(hold, picking_id), partial(deliver, picking_id)
        )
        assert isinstance(setting.outcome, int)
        if delivering.outcome is True:
            assert setting.attempts > 1, "the hold began anew, with the goods gone"
            assert where(registry, picking_id) == ("done", 1, 0)
        else:
            assert "is on hold" in str(delivering.outcome)
            assert where(registry, picking_id) == ("assigned", 0, 1)


def test_cartons_packed_at_once(registry, make_delivery):
    """No SSCC and no number of a carton twice, also in one transfer."""
    picking_id = make_delivery(*(f"CARTON-{number}" for number in range(PACKERS)))

    def pack(index, env):
        lines = env["stock.picking"].browse(picking_id).move_line_ids.sorted("id")
        return lines[index]._put_in_pack().id

    works = together(registry, *(partial(pack, index) for index in range(PACKERS)))
    with registry.cursor() as cr:
        packages = _environment(cr)["stock.package"].browse([work.outcome for work in works])
        assert len(set(packages.mapped("assist_sscc"))) == PACKERS
        assert all(packages.mapped("assist_sscc"))
        assert sorted(packages.mapped("assist_carton_number")) == list(range(1, PACKERS + 1))


def test_reprints_at_once(registry, make_delivery):
    """Two reprints of one note are two more prints, each with its own number on the paper."""
    picking_id = make_delivery("PRINT-1")
    report = "union_assist_logistics.action_report_delivery_note"

    def print_note(env):
        env["ir.actions.report"]._render(report, [picking_id])
        return env["stock.picking"].browse(picking_id).assist_note_prints

    first = Work(registry, print_note)
    first.run()
    assert first.outcome == 1
    works = together(registry, print_note, print_note)
    assert sorted(work.outcome for work in works) == [2, 3]
    with registry.cursor() as cr:
        picking = _environment(cr)["stock.picking"].browse(picking_id)
        assert picking.assist_note_prints == 3  # noqa: PLR2004


def test_decisions_at_once(registry, goods):
    """One of two decisions on an inspection is kept, the other one told that it comes late."""
    with registry.cursor() as cr:
        env = _environment(cr)
        lot = env["stock.lot"].create({"name": "DECIDE-1", "product_id": goods[1]})
        product = env["product.product"].browse(goods[1])
        env["union.assist.quality.plan"].create(
            {
                "name": "Race",
                "product_tmpl_ids": [(6, 0, product.product_tmpl_id.ids)],
                "date_from": "2020-01-01",
                "source": "Test",
                "item_ids": [(0, 0, {"name": "Packing whole", "kind": "pass_fail"})],
            }
        )
        inspections = env["union.assist.quality.inspection"]
        inspector = env["res.users"].search([("login", "=", "inspector")])
        inspection = inspections.create(inspections._prepare_vals(env.company, lot, 5))
        inspection = inspection.with_user(inspector)
        for line in inspection.line_ids:
            line.answer = "pass"
        inspection.action_submit()
        decider = env["res.users"].search([("login", "=", "operator")]).id
        inspection_id = inspection.id
        cr.commit()

    def decide(vals, env):
        decisions = env["union.assist.quality.decision"].with_user(decider)
        return decisions.create({"inspection_id": inspection_id, "quantity": 5, **vals}).id

    works = together(
        registry,
        partial(decide, {"kind": "released"}),
        partial(decide, {"kind": "rejected", "reason": "Wet", "disposition": "dispose"}),
    )
    made = [work.outcome for work in works if isinstance(work.outcome, int)]
    late = [work for work in works if not isinstance(work.outcome, int)]
    assert len(made) == len(late) == 1
    assert "this step does not apply" in str(late[0].outcome)
    with registry.cursor() as cr:
        inspection = _environment(cr)["union.assist.quality.inspection"].browse(inspection_id)
        assert inspection.decision_ids.ids == made
