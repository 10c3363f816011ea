import { durations, seriesOf } from './define.ts';

const { counter, gauge, histogram } = seriesOf('notifier', 'standalone');
const endpoint = 'the name of an endpoint of the configuration';

/** The outbox and the webhooks: distribution's names, and what it does not have. Depths are the same in all replicas. */
export const notifications = {
  notificationEvents: counter({
    name: 'registry_notifications_events_total',
    help: 'Events of an endpoint, and what became of the attempts to deliver them',
    labels: { endpoint, type: '`Events`, `Successes`, `Failures`: another status, or `Errors`: no answer' },
  }),
  notificationStatus: counter({
    name: 'registry_notifications_status_total',
    help: 'Answers of the receivers',
    labels: { endpoint, code: 'the status' },
  }),
  notificationsPending: gauge({
    name: 'registry_notifications_pending_total',
    help: 'Deliveries that are not made yet',
    labels: { endpoint },
  }),
  notificationsDead: gauge({
    name: 'longshore_notifications_dead',
    help: 'Deliveries that were given up and are kept as dead letters',
    labels: { endpoint },
  }),
  notificationsDropped: counter({
    name: 'registry_notifications_dropped_total',
    help: 'Deliveries that were given up for good',
    labels: {
      endpoint: 'the name of an endpoint, of today or of before',
      reason: '`age`, `count` or `endpoint removed`',
    },
  }),
  deliveryDuration: histogram({
    name: 'longshore_delivery_duration_seconds',
    help: 'Attempts to deliver, from the connection to the answer',
    labels: { endpoint },
    buckets: durations,
  }),
  eventsRelayed: counter({
    name: 'longshore_events_relayed_total',
    help: 'Events that went from the outbox into the stream; one that was lost there goes again',
  }),
  outboxEvents: gauge({
    name: 'longshore_outbox_events',
    help: 'Events whose deliveries are not written yet',
  }),
  outboxAge: gauge({
    name: 'longshore_outbox_oldest_seconds',
    help: 'Age of the oldest event of the outbox',
  }),
};
