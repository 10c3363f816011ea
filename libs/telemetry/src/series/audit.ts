import { seriesOf } from './define.ts';

const { counter, gauge } = seriesOf('api-gateway', 'blob-service', 'standalone');

/** The audit log, as the doors hand it over. */
export const audit = {
  auditEntries: counter({
    name: 'longshore_audit_entries_total',
    help: 'Entries of the audit log that were handed over',
    labels: { to: '`database`, or `log` while the database or the bus did not take them' },
  }),
  auditWaiting: gauge({
    name: 'longshore_audit_waiting_entries',
    help: 'Entries of the audit log that wait. Above 10,000 further ones go to the log alone',
  }),
};
