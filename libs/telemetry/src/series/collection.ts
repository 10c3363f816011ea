import { durations, seriesOf } from './define.ts';

const { counter, histogram } = seriesOf('garbage-collector', 'standalone');

export const collection = {
  collectorSteps: histogram({
    name: 'longshore_gc_step_duration_seconds',
    help: 'Steps of the garbage collector',
    labels: {
      step: 'what the step does: `review of links`, `sweep of the trash` and so on',
      outcome: '`worked`, `idle`: nothing was due, or `failed`',
    },
    buckets: durations,
  }),
  collectorReviews: counter({
    name: 'longshore_gc_reviews_total',
    help: 'Reviews whether something is still needed',
    labels: { of: '`link`, `blob` or `manifest`', verdict: '`kept`, `postponed` or `removed`' },
  }),
  objectsDeleted: counter({
    name: 'longshore_gc_objects_deleted_total',
    help: 'Objects that the store deleted for the collector',
  }),
  uploadsExpired: counter({
    name: 'longshore_gc_uploads_expired_total',
    help: 'Upload sessions that ended since they stood still',
  }),
  suspectsReread: counter({
    name: 'registry_suspect_blobs_reread_total',
    help: 'Objects of suspect blobs that were read again',
    labels: { outcome: '`whole` or `damaged`' },
  }),
};
