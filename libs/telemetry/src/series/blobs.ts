import { seriesOf } from './define.ts';

const { counter } = seriesOf('blob-service', 'standalone');

/** Uploads, mounts, and objects that are not what they should be. */
export const blobs = {
  uploadsStarted: counter({ name: 'longshore_uploads_started_total', help: 'Upload sessions opened' }),
  uploadsEnded: counter({
    name: 'longshore_uploads_ended_total',
    help: 'Upload sessions that a request ended; the garbage collector ends those that stand still',
    labels: { outcome: '`committed`, `refused` for another digest, or `cancelled`' },
  }),
  uploadBytes: counter({
    name: 'longshore_upload_bytes_total',
    help: 'Bytes of uploads that were stored, those of uploads that came to nothing included',
  }),
  mounts: counter({
    name: 'longshore_mounts_total',
    help: 'Requests to mount a blob of another repository',
    labels: { outcome: '`mounted`, or `declined`: an upload was begun instead' },
  }),
  blobsSuspected: counter({
    name: 'registry_blobs_suspected_total',
    help: 'Blobs whose object a read found not to be what was pushed',
    labels: { fault: '`absent`, `length` or `digest`' },
  }),
};
