import { durations, seriesOf } from './define.ts';

const { counter, gauge, histogram } = seriesOf('blob-service', 'garbage-collector', 'standalone');
const driver = 'the name of the storage driver';
const action =
  '`stat`, `read`, `put`, `append`, `commit`, `abort`, `delete`, `list`, `redirect` or `check`; a read ends with its last byte';

export const storage = {
  storageDuration: histogram({
    name: 'registry_storage_action_seconds',
    help: 'Actions of the storage driver',
    labels: { driver, action },
    buckets: durations,
  }),
  storageActions: counter({
    name: 'registry_storage_actions_total',
    help: 'Actions of the storage driver by how they ended',
    labels: {
      driver,
      action,
      outcome:
        '`ok`, `aborted` by the caller, `interrupted` by the source of the bytes, or the kind of the failure',
    },
  }),
  storageSpace: gauge({
    name: 'registry_storage_space_bytes',
    help: 'Bytes of the store, where it can tell',
    labels: { driver, state: '`total` or `free`' },
  }),
};
