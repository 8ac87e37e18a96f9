select order_id, customer_id, quantity * unit_price as amount
from {{ ref('raw_orders') }}
where status = 'paid'
