import { seriesOf } from './define.ts';

const { counter } = seriesOf('manifest-service', 'standalone');

export const manifests = {
  manifestPushes: counter({
    name: 'longshore_manifest_pushes_total',
    help: 'Pushes of manifests',
    labels: {
      outcome: '`stored`, `incomplete`: something that it refers to is missing, or `precondition-failed`',
    },
  }),
  manifestBytes: counter({ name: 'longshore_manifest_bytes_total', help: 'Bytes of the manifests stored' }),
  manifestDeletions: counter({
    name: 'longshore_manifest_deletions_total',
    help: 'Deletions that took place',
    labels: { what: '`tag` or `manifest`' },
  }),
  pullsRecorded: counter({
    name: 'longshore_pulls_recorded_total',
    help: 'Manifests of which a pull was written down, each once within `pulls.resolution`',
  }),
};
