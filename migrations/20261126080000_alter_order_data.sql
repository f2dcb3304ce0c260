-- What is only passed through is kept as the text that it came as: taking it apart for every write, and putting it together
-- again for every answer, cost more than the rest of the row. Rewrites the table; nobody reads meanwhile.
alter table logistics_orders alter column order_data_json type json using order_data_json::json;
