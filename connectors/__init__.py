"""One module a technology. Everything above may import these; they import only ``invoices``."""
