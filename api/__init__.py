"""The HTTP API: lines come in, a customer's purchases go out.

Two services, each a Lambda function behind API Gateway. Ingestion: ``ingestion_event``
(API Gateway's event to a request), ``ingestion`` (lines to the stream). History:
``tokens`` (who asks), ``history`` (what DynamoDB holds). ``ingestion_lambda`` and
``history_lambda`` are what AWS runs; the modules they import are in the package
``package`` builds. The rest (``openapi``, ``gateway``, ``cli``) describes the API and
brings it up on the local services.
"""
