import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { ClientRequest } from 'node:http';
import { randomUUID } from 'node:crypto';
import { driverParameters } from '@longshore/storage';
import { SwiftDriver } from '../swift-driver.ts';
import { swiftParameters } from '../swift-parameters.ts';

/** Opens a driver with segments of 1 MiB below its own prefix, unless the parameters say otherwise. @param stall milliseconds */
export function openSwift(parameters: object, stall = 5000): SwiftDriver {
  const usual = { prefix: randomUUID(), chunksize: 1024 * 1024 };
  return new SwiftDriver(driverParameters(swiftParameters, { ...usual, ...parameters }), { stall });
}

/** Records the tokens that this process sends to Swift from now on, each once, in order. */
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
