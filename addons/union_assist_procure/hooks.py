from .demo.tenders import load


def post_init_hook(env):
    """Take the tenders of the demonstration through their steps, where there are any."""
    load(env)


def uninstall_hook(env):
    """Let the ledger go with its tables: its guards would keep it."""
    env.cr.execute("DROP FUNCTION IF EXISTS union_assist_append_only() CASCADE")
    env.cr.execute("DROP FUNCTION IF EXISTS union_assist_cap_count() CASCADE")
    env.cr.execute("DROP FUNCTION IF EXISTS union_assist_cap_guard() CASCADE")
