"""Demo holds and recalls, made by the people who would make them. All of it is invented."""

from odoo.fields import Command, Domain


def load(env):
    """Leave a hold in force with its recall prepared, and a mock recall to be closed."""
    env = env(context={**env.context, "lang": "zh_CN", "tz": "Asia/Shanghai"})
    inspector = env.ref("union_assist_logistics.user_inspector")
    operator = env.ref("union_assist_catalog.user_operator")
    vinegar = _find_lot(
        env, "persimmon_vinegar", Domain("assist_inspection_ids.state", "=", "draft")
    )
    if vinegar:
        hold = (
            env["union.assist.hold"]
            .with_user(inspector)
            .create(
                {
                    "scope": "lot",
                    "lot_ids": [Command.set(vinegar.ids)],
                    "reason": "【示例】收货抽查发现个别瓶盖渗漏，疑似封口温度不足，待供应商答复。",
                }
            )
        )
        hold.action_hold()
        env["union.assist.recall"].with_user(operator).create(
            {"hold_id": hold.id, "level": "3", "reason": "【示例】个别瓶盖渗漏。"}
        )
    tea = _find_lot(env, "chrysanthemum_tea", Domain("product_qty", ">", 0))
    if tea:
        recall = (
            env["union.assist.recall"]
            .with_user(operator)
            .create(
                {
                    "is_mock": True,
                    "level": "2",
                    "lot_ids": [Command.set(tea.ids)],
                    "reason": "【示例】年度召回演练：假定该批次铅超标。",
                }
            )
        )
        recall.action_start()
        recall.conclusion = "【示例】收货单位全部找到，数量平衡，无差异。"


def _find_lot(env, product, domain):
    """Return the oldest demo lot of a product."""
    goods = env.ref(f"union_assist_catalog.product_{product}").product_variant_id
    lots = env["stock.lot"].search(Domain("product_id", "=", goods.id) & domain, order="id")
    return lots[:1]
