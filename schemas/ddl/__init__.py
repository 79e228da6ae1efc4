"""Tables and views for warehouses, made from the .avsc files: no field is written down twice."""
