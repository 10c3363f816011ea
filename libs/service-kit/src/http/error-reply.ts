import { OciError, unavailable } from '@longshore/oci';
import { BatcherFullError } from '@longshore/telemetry';
import { bytes, type Reply } from './reply.ts';

/** Says of a fault which refusal it amounts to; undefined where it knows none. */
export type FaultTranslator = (fault: unknown) => OciError | undefined;

const translators: FaultTranslator[] = [];

/** Adapters' faults (a store that throttles, a database that is away) are named by those who know the adapters. */
export function translateFaults(translator: FaultTranslator): void {
  if (!translators.includes(translator)) translators.push(translator);
}

export function refusalOf(fault: unknown): OciError | undefined {
  if (fault instanceof OciError) return fault;
  if (fault instanceof BatcherFullError) return unavailable({ reason: 'overloaded' }, 1, { cause: fault });
  for (const translate of translators) {
    const refusal = translate(fault);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

/** The OCI error document of whatever was thrown. A fault of ours shows its request id and nothing of its inside. */
export function errorReply(fault: unknown, requestId: string): Reply {
  const refusal = refusalOf(fault) ?? new OciError('UNKNOWN', { requestId });
  return bytes(refusal.status, Buffer.from(refusal.body()), {
    'content-type': 'application/json',
    ...refusal.headers,
  });
}
