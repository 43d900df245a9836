"""The PyFlink application: line items in, Parquet and DynamoDB documents out."""
