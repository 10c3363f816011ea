-- insertDeliveries
insert into
  notification_deliveries (
    event_id,
    endpoint,
    envelope,
    next_attempt_at,
    trace
  )
select
  event_id,
  endpoint,
  envelope,
  now(),
  outbox.trace
from
  unnest($1::uuid[], $2::text[], $3::bytea[]) as new (event_id, endpoint, envelope)
  left join outbox on outbox.id = event_id
on conflict (endpoint, event_id) do nothing
returning
  event_id,
  endpoint;

-- claimDueDeliveries
update notification_deliveries
set
  next_attempt_at = now() + make_interval(secs => $1),
  attempts = attempts + 1
where
  endpoint = $2
  and event_id in (
    select
      event_id
    from
      notification_deliveries
    where
      endpoint = $3
      and state = 'pending'
      and next_attempt_at <= now()
    order by
      event_id
    limit
      $4
    for update
      skip locked
  )
returning
  event_id,
  envelope,
  attempts,
  created_at,
  trace;

-- deleteDelivery
delete from "notification_deliveries"
where
  "endpoint" = $1
  and "event_id" = $2;

-- postponeDeliveryRow
update "notification_deliveries"
set
  "next_attempt_at" = now() + make_interval(secs => $1),
  "last_error" = $2
where
  "endpoint" = $3
  and "event_id" = $4;

-- buryDeliveryRow
update "notification_deliveries"
set
  "state" = $1,
  "last_error" = $2
where
  "endpoint" = $3
  and "event_id" = $4;

-- selectDeadDeliveries
select
  "event_id",
  "envelope",
  "attempts",
  "last_error",
  "created_at"
from
  "notification_deliveries"
where
  "endpoint" = $1
  and "state" = $2
  and "event_id" > $3
order by
  "event_id"
limit
  $4;

-- reviveDeliveries
update notification_deliveries
set
  state = 'pending',
  attempts = 0,
  next_attempt_at = now(),
  created_at = now()
where
  endpoint = $1
  and event_id = any ($2::uuid[])
  and state = 'dead'
returning
  event_id;

-- deleteOldDeliveries
delete from notification_deliveries
where
  (endpoint, event_id) in (
    select
      endpoint,
      event_id
    from
      notification_deliveries
    where
      created_at < now() - make_interval(secs => $1)
    limit
      $2
  )
returning
  endpoint;

-- deleteExcessDeliveries
delete from notification_deliveries
where
  endpoint = $1
  and event_id in (
    select
      event_id
    from
      notification_deliveries
    where
      endpoint = $2
      and event_id <= (
        select
          event_id
        from
          notification_deliveries
        where
          endpoint = $3
        order by
          event_id desc
        offset
          $4
        limit
          1
      )
    order by
      event_id
    limit
      $5
  )
returning
  endpoint;

-- deleteDeliveriesOfOthers
delete from notification_deliveries
where
  (endpoint, event_id) in (
    select
      endpoint,
      event_id
    from
      notification_deliveries
    where
      endpoint <> all ($1::text[])
      and created_at < now() - make_interval(secs => $2)
    limit
      $3
  )
returning
  endpoint;

-- selectDeliveryDepths
select
  "endpoint",
  "state",
  count(*) as "deliveries"
from
  "notification_deliveries"
group by
  "endpoint",
  "state"
order by
  "endpoint",
  "state";
