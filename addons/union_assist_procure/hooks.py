def post_init_hook(env):
    """Make the statements of the demonstration, where demo data were asked for."""
    order = env.ref(
        "union_assist_procure.purchase_order_shengtai_vinegar", raise_if_not_found=False
    )
    if order:
        from .demo.settlement import load

        load(env)


def uninstall_hook(env):
    """Let the ledger go with its tables: its guards would keep it."""
    env.cr.execute("DROP FUNCTION IF EXISTS union_assist_append_only() CASCADE")
    env.cr.execute("DROP FUNCTION IF EXISTS union_assist_cap_count() CASCADE")
    env.cr.execute("DROP FUNCTION IF EXISTS union_assist_cap_guard() CASCADE")
