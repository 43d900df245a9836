"""The warehouse: the batch job that loads it from the lake, its schema, marts and forecast.

As a line goes: ``lake_files`` finds what is new, ``lines`` types and cleans it in Spark,
``quality`` checks it, ``staging`` writes it for COPY, and ``load`` merges it by the statements
in ``sql/load``.
"""
