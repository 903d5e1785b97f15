from .demo import settlement, tenders


def post_init_hook(env):
    """Take tenders and statements of the demonstration through their steps, where there are any."""
    tenders.load(env)
    settlement.load(env)


def uninstall_hook(env):
    """Let the ledger go with its tables: its guards would keep it."""
    env.cr.execute("DROP FUNCTION IF EXISTS union_assist_append_only() CASCADE")
    env.cr.execute("DROP FUNCTION IF EXISTS union_assist_cap_count() CASCADE")
    env.cr.execute("DROP FUNCTION IF EXISTS union_assist_cap_guard() CASCADE")
