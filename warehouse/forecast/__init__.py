"""Predictions from the warehouse's own history, each with the back-test that chose its model.

As data flows: ``history`` reads the warehouse, ``daily`` and ``customers`` forecast,
``backtest`` judges the candidates, ``tables`` writes what came out.
"""
