"""Sample data: an invented shop whose invoices look and behave like a real one's.

``shop`` draws invoices, one after the other, from a ``catalogue``, ``customers``
and a calendar of ``trading_days``; ``oddities`` sees to it that every strange
thing a real file holds is there; ``csv_file`` writes it all down.
"""
