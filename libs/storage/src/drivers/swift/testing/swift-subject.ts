import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { ClientRequest } from 'node:http';
import { randomUUID } from 'node:crypto';
import { type ObjectKey, objectKey } from '../../../object-key.ts';
import { StorageError } from '../../../storage-error.ts';
import { SwiftDriver } from '../swift-driver.ts';
import { swiftParameters } from '../swift-parameters.ts';

/** A driver with segments of 1 MiB below a prefix of its own, unless parameters say otherwise. @param stall milliseconds */
export function openSwift(parameters: object, stall = 5000): SwiftDriver {
  const usual = { prefix: randomUUID(), chunksize: 1024 * 1024 };
  return new SwiftDriver(swiftParameters.parse({ ...usual, ...parameters }), { stall });
}

export function newKey(): ObjectKey {
  return objectKey(`uploads/${randomUUID()}`);
}

/** The failure of a promise, which must be a StorageError. */
export async function failureOf(promise: Promise<unknown>): Promise<StorageError> {
  const error: unknown = await promise.then(
    () => new Error('it did not fail'),
    (reason: unknown) => reason,
  );
  if (error instanceof StorageError) return error;
  throw new Error('it did not fail with a StorageError', { cause: error });
}

/** The tokens that this process sends to Swift from now on, each once, in their order. */
export function watchTokens(): { readonly seen: ReadonlySet<string> } & Disposable {
  const seen = new Set<string>();
  const note = (message: unknown): void => {
    const request: unknown = Object(message).request;
    const token = request instanceof ClientRequest ? request.getHeader('x-auth-token') : undefined;
    if (typeof token === 'string') seen.add(token);
  };
  subscribe('http.client.request.start', note);
  return { seen, [Symbol.dispose]: () => void unsubscribe('http.client.request.start', note) };
}
