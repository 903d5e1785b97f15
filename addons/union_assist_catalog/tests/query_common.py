import functools
import gc
import re
from collections import Counter
from contextlib import closing, contextmanager
from unittest.mock import patch

from odoo import api
from odoo.sql_db import Cursor

# What an environment asks the database for once and then keeps: user, companies, language …
REMEMBERED = [
    name
    for name, value in vars(api.Environment).items()
    if isinstance(value, functools.cached_property)
]


class QueryCountCase:
    """Count queries so that neither Python's garbage collector nor a cache decides the figure.

    Environments live in a weak set and keep what they asked for. Which of them are still alive
    when a test counts hangs on when Python last collected, and with it which caches were filled
    before. So the work is rehearsed and undone before it is counted, no environment remembers
    anything when counting begins, and nothing is collected meanwhile.
    """

    @contextmanager
    def recorded_queries(self):
        """Yield the list of the statements sent on the test's cursor, with nothing prefetched."""
        self.env.flush_all()
        self.env.invalidate_all()
        gc.collect()
        for env in self.env.transaction.envs:
            for name in REMEMBERED:
                vars(env).pop(name, None)
        statements = []
        execute = Cursor.execute

        def record(cursor, query, *args, **kwargs):
            result = execute(cursor, query, *args, **kwargs)
            if cursor is self.cr:
                statements.append(getattr(query, "code", query))
            return result

        collecting = gc.isenabled()
        gc.disable()
        try:
            with patch.object(Cursor, "execute", record):
                yield statements
                self.env.flush_all()
        finally:
            if collecting:
                gc.enable()

    def record_queries(self, work, rehearse=True):
        """Return the statements that ``work()`` sends, what it leaves to be written included.

        :param bool rehearse: do the work once before, undone by a savepoint, so that whatever
            Odoo keeps between requests is known. Not for work whose new records Odoo would keep
            (external ids, rules): there the test does other work of the kind first.
        """
        if rehearse:
            with closing(self.cr.savepoint()):
                self.env.invalidate_all()
                work()
                self.env.flush_all()
        with self.recorded_queries() as statements:
            work()
        return statements

    def assert_same_queries(self, few, many, message=None):
        """Both lists are equally long; else say which statements only one of them has."""
        if len(few) == len(many):
            return
        few_of, many_of = (
            Counter(_shorten(statement) for statement in statements) for statements in (few, many)
        )
        lines = [f"{len(few)} queries for few records, {len(many)} for many"]
        for title, rest in (
            ("more often for few", few_of - many_of),
            ("more often for many", many_of - few_of),
        ):
            lines += [f"{title}, {count}×: {statement}" for statement, count in rest.items()]
        self.fail("\n".join([*([message] if message else []), *lines]))


def _shorten(statement):
    """Make statements of the same shape alike, however many records they name."""
    statement = re.sub(r"\s+", " ", str(statement)).strip()
    statement = re.sub(r"^SELECT ([^,()]+), .*? FROM ", r"SELECT \1, … FROM ", statement)
    statement = re.sub(r"%s(, ?%s)+", "%s, …", statement)
    statement = re.sub(r"(\([^()]*\))(, ?\1)+", r"\1, …", statement)
    return statement[:600]
