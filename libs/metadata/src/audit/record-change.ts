import { randomUUID } from 'node:crypto';
import type { AuditEntry } from '@longshore/authorization';
import type { Change } from '../accounts/change.ts';
import type { Tx } from '../transact.ts';
import { addAuditEntries } from './audit.ts';

/** Who makes a change, by which credential, and from where. */
export type ChangeOrigin = Pick<
  AuditEntry,
  | 'actorKind'
  | 'actor'
  | 'credentialKind'
  | 'credentialId'
  | 'address'
  | 'userAgent'
  | 'requestId'
  | 'service'
>;

/** Writes the entry of a change into the audit log. It exists exactly if the transaction commits. */
export async function recordChange(
  tx: Tx,
  input: { readonly action: string; readonly origin: ChangeOrigin; readonly change: Change<unknown> },
): Promise<void> {
  const { action, origin, change } = input;
  const { before, after } = change;
  await addAuditEntries(tx, [
    { id: randomUUID(), at: Date.now(), action, outcome: 'done', ...origin, times: 1, before, after },
  ]);
}
