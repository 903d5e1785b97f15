"""Taking turns: changes to the same rows of the database, one after the other.

Odoo's transactions see the database as it was when they began. One that has waited for another
to change a row that it is about to change itself cannot go on: it fails to serialize, and Odoo
replays it, five times at most and after random pauses. Of many at once some would be refused for
that reason alone. Whoever takes its turn first is spared that.
"""

from psycopg2.errors import ActiveSqlTransaction, SerializationFailure

# Others change the rows without taking their turn, though seldom: how often to wait for those.
MAX_WAITS = 20


def take_turn(cr, table, column, values):
    """Wait until no other transaction holds the rows of these values, and hold them.

    A transaction that has done nothing yet but read begins again when its turn has come, so
    that it sees what those before it left; the caller then has to read again as well. Any other
    fails, and is replayed as a whole.

    :param cr: cursor, with everything flushed
    :param str table: name of the table, trusted
    :param str column: name of its column of integers that tells the rows apart, trusted
    :param values: values of that column whose rows are to change; they may have no row yet
    :return: whether the transaction began again
    :raise SerializationFailure: when it could not, and the rows have changed since it began
    """
    values = sorted(values)
    for waits in range(MAX_WAITS):
        try:
            _hold(cr, table, column, values)
            return bool(waits)
        except SerializationFailure:
            cr.execute("ROLLBACK TO SAVEPOINT assist_turn; RELEASE SAVEPOINT assist_turn")
            if waits + 1 == MAX_WAITS or not _has_only_read(cr):
                raise
            _begin_again(cr, table, values)
    return True


def _hold(cr, table, column, values):
    # The advisory locks make a queue, in which nobody is overtaken; they are no part of what the
    # transaction sees, so waiting for them fails nobody. The rows tell whether they changed.
    cr.execute(
        f"""
        SELECT pg_advisory_xact_lock(%(table)s::regclass::oid::int, value)
          FROM unnest(%(values)s) AS value;
        SAVEPOINT assist_turn;
        SELECT id FROM {table} WHERE {column} = ANY(%(values)s) ORDER BY id FOR NO KEY UPDATE;
        RELEASE SAVEPOINT assist_turn
        """,
        {"table": table, "values": values},
        log_exceptions=False,
    )


def _has_only_read(cr):
    """Tell whether to begin the transaction again would lose nothing."""
    if cr.precommit or cr.postcommit:
        return False
    try:
        # Refused inside a savepoint, which whoever made it still wants to find.
        cr.execute(
            "SELECT pg_export_snapshot(), pg_current_xact_id_if_assigned()", log_exceptions=False
        )
    except ActiveSqlTransaction:
        return False
    return cr.fetchone()[1] is None


def _begin_again(cr, table, values):
    """End the transaction and begin another that already has its turn."""
    parameters = {"table": table, "values": values}
    locks = "(%(table)s::regclass::oid::int, value) FROM unnest(%(values)s) AS value"
    # Held by the session from before the one transaction ends until after the next has begun.
    cr.execute(f"SELECT pg_advisory_lock{locks}", parameters)
    try:
        cr.rollback()
        cr.execute(f"SELECT pg_advisory_xact_lock{locks}", parameters)
    except Exception:
        cr.rollback()  # what follows is refused in a transaction that failed
        raise
    finally:
        cr.execute(f"SELECT pg_advisory_unlock{locks}", parameters)
