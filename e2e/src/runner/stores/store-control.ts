import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import type { Fault, FaultProxy, StoreContents } from '@longshore/testing/stores';
import type { StartedStore } from './started-store.ts';
import type { StoreKind } from './store-kinds.ts';

/** A plan of faults, sent by a test to the control. */
export interface FaultPlan {
  /** Applied in turn, and repeated from the first. */
  readonly faults: readonly Fault[];
  /** Every n-th of the matching requests gets a fault. Default: every one. */
  readonly every?: number;
  /** Methods of the matching requests. Default: all. */
  readonly methods?: readonly string[];
}

/** The control's facts about the store. */
export interface StoreFacts {
  readonly name: string;
  readonly partBytes: number;
  readonly throttling: StoreKind['throttling'];
}

/** The control's facts about a request to the store, including whether its headers name an object to copy. */
export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly copiesFrom?: string | undefined;
}

export interface StoreControl {
  readonly origin: string;
  stop(): Promise<void>;
}

const copySources = ['x-amz-copy-source', 'x-ms-copy-source', 'x-copy-from', 'x-oss-copy-source'];

/** Uses HTTP, since the tests run in other processes than the store's proxy. */
export async function startStoreControl(
  { name, partBytes, throttling }: StoreKind,
  { store, proxy }: { readonly store: StartedStore; readonly proxy: FaultProxy },
): Promise<StoreControl> {
  let met = 0;
  const answers: Readonly<Record<string, (incoming: IncomingMessage) => unknown>> = {
    'GET /store': (): StoreFacts => ({ name, partBytes, throttling }),
    'GET /contents': (): StoreContents | Promise<StoreContents> => store.contents(),
    'GET /requests': (): SeenRequest[] => proxy.requests.map(told),
    'DELETE /requests': () => void proxy.requests.splice(0),
    'POST /halt': () => store.halt(),
    'POST /resume': () => store.resume(),
    'PUT /faults': async (incoming) => {
      met = 0;
      proxy.fault = planned(await planOf(incoming), () => void (met += 1));
    },
    'DELETE /faults': (): { met: number } => {
      proxy.fault = undefined;
      return { met };
    },
  };
  const server = createServer((incoming, outgoing) => {
    const answer = answers[`${incoming.method} ${incoming.url}`];
    const reply = (status: number, body: unknown): void => {
      outgoing.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body ?? null));
    };
    Promise.resolve(incoming)
      .then(answer)
      .then((body) => reply(answer === undefined ? 404 : 200, body))
      .catch((error: unknown) => reply(500, String(error)));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    origin: `http://127.0.0.1:${port}`,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function planOf(incoming: IncomingMessage): Promise<FaultPlan> {
  const plan: FaultPlan = JSON.parse(await text(incoming));
  return plan;
}

function planned({ faults, every = 1, methods }: FaultPlan, meets: () => void): FaultProxy['fault'] {
  let seen = 0;
  let next = 0;
  return ({ method }) => {
    if (methods !== undefined && !methods.includes(method)) return undefined;
    seen += 1;
    if (seen % every !== 0) return undefined;
    meets();
    next = (next + 1) % faults.length;
    return faults[next];
  };
}

function told({ method, url, headers }: FaultProxy['requests'][number]): SeenRequest {
  const source = copySources.find((name) => headers[name] !== undefined);
  if (source !== undefined) return { method, url, copiesFrom: String(headers[source]) };
  return method === 'COPY' ? { method, url, copiesFrom: url } : { method, url };
}
