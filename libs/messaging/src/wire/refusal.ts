import {
  OciError,
  ociErrors,
  type OciErrorEntry,
  type Outage,
  unavailable,
  type WireOciError,
} from '@longshore/oci';
import { BatcherFullError } from '@longshore/telemetry';
import { MalformedFrameError } from './frame.ts';

/** Returns the error of a service that is overloaded or unreachable. */
export function unanswered(reason: string, what: Outage['what'] = 'a service behind the bus'): OciError {
  return unavailable({ reason }, 1, { outage: { what, why: reason } });
}

/** Returns the part of a handler's error that the asker may see. `undefined`: a fault of ours, whose cause must stay on this side. */
export function refusalOf(error: unknown): OciError | undefined {
  if (error instanceof OciError) return error;
  if (error instanceof BatcherFullError) return unanswered('overloaded');
  return undefined;
}

/** @throws MalformedFrameError when `wire` is not an OciError. */
export function refusalFrom(wire: unknown): OciError {
  if (!isWireOciError(wire)) throw new MalformedFrameError('an error is malformed');
  return OciError.from(wire);
}

function isWireOciError(wire: unknown): wire is WireOciError {
  if (typeof wire !== 'object' || wire === null) return false;
  if (!('entries' in wire && 'headers' in wire && 'status' in wire)) return false;
  const { entries, headers, status } = wire;
  return Array.isArray(entries) && entries.every(isEntry) && isStrings(headers) && Number.isInteger(status);
}

function isEntry(entry: unknown): entry is OciErrorEntry {
  if (typeof entry !== 'object' || entry === null || !('code' in entry)) return false;
  return typeof entry.code === 'string' && Object.hasOwn(ociErrors, entry.code);
}

function isStrings(headers: unknown): headers is Record<string, string> {
  if (typeof headers !== 'object' || headers === null) return false;
  return Object.values(headers).every((value) => typeof value === 'string');
}
