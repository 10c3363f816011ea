import type { AuditEntry } from '@longshore/authorization';
import type { Bus } from '../bus.ts';
import { defineRequest } from '../request.ts';

export interface AuditReport {
  readonly entries: readonly AuditEntry[];
}

/**
 * Writes entries of the audit log; the answer says that they are durable. An entry that is sent again is written once. The seal authenticates the
 * question, so that nobody on the bus can invent entries.
 */
export const recordAudit = defineRequest<AuditReport, Record<string, never>>({
  subject: 'audit.record',
  servedBy: 'auth-service',
  askedBy: ['api-gateway', 'blob-service'],
  deadlineMs: 5_000,
  confidential: true,
});

/** Writes entries over the bus, for doors. */
export function auditOver(bus: Bus): (entries: AuditReport['entries']) => Promise<void> {
  return async (entries) => {
    await bus.request(recordAudit, { entries });
  };
}
