"""The producer: reads invoices from files and sends their lines; makes sample data."""
