def migrate(cr, version):
    """Decisions made before say what becomes of rejected goods, and how long concessions last."""
    cr.execute(
        """
        ALTER TABLE union_assist_quality_decision
            ADD COLUMN IF NOT EXISTS disposition varchar,
            ADD COLUMN IF NOT EXISTS date_until date
        """
    )
    # Sent back to the vendor was the one way there was.
    cr.execute(
        "UPDATE union_assist_quality_decision SET disposition = 'return'"
        " WHERE kind = 'rejected' AND disposition IS NULL"
    )
    # Concessions had no end; the goods' own is the latest that there can be.
    cr.execute(
        """
        UPDATE union_assist_quality_decision decision
           SET date_until = COALESCE(lot.expiration_date::date,
                                     (decision.decided_on + interval '1 year')::date)
          FROM stock_lot lot
         WHERE lot.id = decision.lot_id AND decision.kind = 'conceded'
           AND decision.date_until IS NULL
        """
    )
