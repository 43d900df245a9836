-- What the run before wrote; the new rows are copied in the same transaction.
DELETE FROM forecast_run;

DELETE FROM forecast_daily_revenue;

DELETE FROM forecast_customer;

DELETE FROM forecast_backtest;
