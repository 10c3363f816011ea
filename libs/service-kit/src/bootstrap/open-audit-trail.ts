import { AuditTrail, type WriteAudit } from '../observation/audit-trail.ts';
import type { ServiceContext } from './start-service.ts';

/** Opens the trail of a process's door, for its root module. Empty if `audit.enabled` is false. */
export function openAuditTrail(
  { name, config, log, metrics, lifecycle }: ServiceContext,
  write: WriteAudit,
): (readonly [typeof AuditTrail, AuditTrail])[] {
  if (!config.audit.enabled) return [];
  const trail = new AuditTrail({ service: name, write, log, metrics });
  lifecycle.onClose('audit trail', () => trail.close());
  return [[AuditTrail, trail]];
}
