"""DynamoDB: invoices and purchases as wide rows.

As data flows: ``invoice_writer`` and ``purchase_writer`` decide what to write under
which condition, ``retrying`` tries again what passes, and a ``store`` (``pynamo``,
``memory`` or ``discard``) does it; ``reader`` reads back. ``tables`` makes the tables.
"""
