select c.region, sum(o.amount) as revenue
from {{ ref('orders_paid') }} o
join {{ ref('raw_customers') }} c using (customer_id)
group by c.region
