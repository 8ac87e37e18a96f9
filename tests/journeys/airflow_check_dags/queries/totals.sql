INSERT INTO totals (amount) SELECT SUM(amount) FROM sales WHERE day = '{{ ds }}'
