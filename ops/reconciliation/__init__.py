"""The proof that nothing was lost: the source against every store, line by line.

Reads the source by its own few lines (``source``), the lake (``connectors.lake``)
and DynamoDB (``documents``), brings each into an Arrow table and compares tables
by key (``compare``). It uses neither the producer's nor the job's code: what
these get wrong must show here.
"""
