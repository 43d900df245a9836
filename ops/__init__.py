"""The ``invoice-stream`` command: local services, the job, the demo, the reconciliation."""
