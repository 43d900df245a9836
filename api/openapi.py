"""The API's description, OpenAPI 3.0: what API Gateway is made from and people read.

Upstream: ``api.openapi_operations``, ``api.openapi_schemas``, ``api.openapi_gateway``.
Downstream: ``api.description_files``, the deployment, ``api.gateway``.
"""

from api.ingestion import MAX_BODY_BYTES
from api.openapi_gateway import ANY_METHOD, any_method, gateway_extensions
from api.openapi_operations import (
    CUSTOMER_TOKEN,
    INGEST_KEY,
    list_purchases,
    read_invoice,
    summarize_customer,
    take_lines,
)
from api.openapi_schemas import JsonObject, schemas
from invoices.contract import MAX_RECORD_LINES

VERSION = "1.0.0"
"""Of the API: the first number changes when a caller has to change too."""

LINES_PATH = "/invoice-lines"
PURCHASES_PATH = "/customers/{CustomerID}/invoices"
SUMMARY_PATH = "/customers/{CustomerID}/summary"
INVOICE_PATH = "/invoices/{InvoiceNo}"

_DESCRIPTION = f"""\
Lines of invoices come in, a customer's purchases go out.

Ingestion takes line items as the data contract describes them (`docs/contract.md`) and puts them
on the stream; up to {MAX_RECORD_LINES} in a request of at most {MAX_BODY_BYTES // 2**20} MB. The \
same request may be sent again at any
time: a line that was taken is not counted twice.

History answers from what the stream's job has stored. A customer's token shows their own invoices
and no others.

Errors are problem details (RFC 9457). Amounts are texts and exact.
"""


def document() -> JsonObject:
    """The description as a JSON object."""
    return {
        "openapi": "3.0.1",
        "info": {
            "title": "Invoice Stream",
            "version": VERSION,
            "description": _DESCRIPTION,
            "license": {"name": "Apache-2.0"},
        },
        "paths": {
            LINES_PATH: {"post": take_lines(), ANY_METHOD: any_method("POST")},
            PURCHASES_PATH: {"get": list_purchases(), ANY_METHOD: any_method("GET")},
            SUMMARY_PATH: {"get": summarize_customer(), ANY_METHOD: any_method("GET")},
            INVOICE_PATH: {"get": read_invoice(), ANY_METHOD: any_method("GET")},
        },
        "components": {"securitySchemes": _security_schemes(), "schemas": schemas()},
        **gateway_extensions(),
    }


def _security_schemes() -> JsonObject:
    return {
        INGEST_KEY: {
            "type": "apiKey",
            "in": "header",
            "name": "x-api-key",
            "description": "Key of a sender, with a rate and a quota of its own.",
        },
        CUSTOMER_TOKEN: {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "Access token of the user pool; it says which customer asks.",
        },
    }
