import type { StoreContents } from '@longshore/testing/stores';
import type { FaultPlan, SeenRequest, StoreFacts } from '../../runner/stores/store-control.ts';

/** The store that the runner started for this registry, and the proxy before it. */
export const store = {
  facts: (): Promise<StoreFacts> => ask('GET', '/store'),
  contents: (): Promise<StoreContents> => ask('GET', '/contents'),
  /** Every request since the last `forget`. */
  requests: (): Promise<readonly SeenRequest[]> => ask('GET', '/requests'),
  forget: (): Promise<void> => ask('DELETE', '/requests'),
  halt: (): Promise<void> => ask('POST', '/halt'),
  resume: (): Promise<void> => ask('POST', '/resume'),
  /** Applies a plan until `clear`. */
  meet: (plan: FaultPlan): Promise<void> => ask('PUT', '/faults', plan),
  /** @returns the number of requests with a fault */
  clear: (): Promise<{ readonly met: number }> => ask('DELETE', '/faults'),
} as const;

async function ask<T>(method: string, path: string, body?: unknown): Promise<T> {
  const answer = await fetch(`${process.env['E2E_STORE']}${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(`the store's control answered ${answer.status}: ${await answer.text()}`);
  const document: T = JSON.parse(await answer.text());
  return document;
}
