"""Demo gift packs and cartons, made by the people who would make them; all of it invented."""

from .flow import DemoFlow

LOGISTICS = "union_assist_logistics."


def load(env):
    """Approve recipes, pack gift packs, and leave orders at the packing table."""
    DemoPacking(env).run()


class DemoPacking(DemoFlow):
    def run(self):
        self.approve_recipes()
        self.store_packaging()
        self.pack_gifts()
        self.order_gifts()

    def recipe(self, name):
        return self.env.ref(f"{LOGISTICS}recipe_{name}")

    def approve_recipes(self):
        """One recipe is approved, one waits, one breaks the rules."""
        approver = self.env.ref("base.user_admin")
        for name in ("autumn", "summer"):
            self.recipe(name).with_user(self.operator).action_assist_submit()
        self.recipe("autumn").with_user(approver).action_assist_approve()
        self.recipe("mooncake").with_user(self.operator).action_assist_check()

    def store_packaging(self):
        products = self.env.ref(f"{LOGISTICS}product_gift_box") + self.env.ref(
            f"{LOGISTICS}product_gift_bag"
        )
        self.env["stock.quant"].with_context(inventory_mode=True).create(
            [
                {
                    "product_id": product.product_variant_id.id,
                    "location_id": self.warehouse.lot_stock_id.id,
                    "inventory_quantity": 500,
                }
                for product in products
            ]
        ).action_apply_inventory()

    def pack_gifts(self):
        """A packing order that is done, with a loss, and one that waits."""
        done = self.make_order(60)
        done.qty_producing = 59
        done.set_qty_producing()
        done.with_context(skip_backorder=True, skip_consumption=True).button_mark_done()
        self.make_order(30)

    def make_order(self, quantity):
        order = (
            self.env["mrp.production"]
            .with_user(self.keeper)
            .create(
                {
                    "product_id": self.recipe("autumn").product_tmpl_id.product_variant_id.id,
                    "product_qty": quantity,
                    "bom_id": self.recipe("autumn").id,
                    "picking_type_id": self.warehouse.manu_type_id.id,
                }
            )
        )
        order.action_confirm()
        order.action_assign()
        return order

    def product(self, name):
        if name.startswith("pack_"):
            return self.env.ref(f"{LOGISTICS}product_{name}").product_variant_id
        return super().product(name)

    def order_gifts(self):
        """Gift packs of a union unit wait at the packing table."""
        order = self.order("hospital", {"pack_autumn": 20, "millet": 40})
        order.action_confirm()
        self.ship_step(order)
