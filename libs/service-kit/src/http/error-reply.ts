import { OciError, unavailable } from '@longshore/oci';
import { BatcherFullError } from '@longshore/telemetry';
import { bytes, type Reply } from './reply.ts';

/** Translates a fault into an OCI error. Undefined if it knows none. */
export type FaultTranslator = (fault: unknown) => OciError | undefined;

const translators: FaultTranslator[] = [];

/** Registers a translator for adapters' faults (a store that throttles, a database that is down), from a module that knows the adapters. */
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

/** Builds the OCI error document of any thrown error. A fault of ours shows its request id and no internals. */
export function errorReply(fault: unknown, requestId: string): Reply {
  const refusal = refusalOf(fault) ?? new OciError('UNKNOWN', { requestId });
  return bytes(refusal.status, Buffer.from(refusal.body()), {
    'content-type': 'application/json',
    ...refusal.headers,
  });
}
