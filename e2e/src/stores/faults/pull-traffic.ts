import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { open, type RegistryClient } from '@longshore/testing';
import { type Journal, Refused, Violation } from './journal.ts';

const pauseMs = 200;

/** Pulls one blob repeatedly, and resumes where an answer broke off, like containerd. */
export async function pullTraffic(
  client: RegistryClient,
  journal: Journal,
  {
    path,
    digest,
    stopped,
  }: { readonly path: string; readonly digest: string; readonly stopped: () => boolean },
): Promise<void> {
  while (!stopped()) {
    const hash = createHash('sha256');
    const progress = { received: 0 };
    const complete = await journal.patiently(async () => {
      await receive(client, path, { progress, take: (chunk) => hash.update(chunk) });
      return true;
    }, stopped);
    if (complete === undefined) continue;
    const pulled = `sha256:${hash.digest('hex')}`;
    if (pulled !== digest) journal.violations.push(`${progress.received} bytes of a pull were ${pulled}`);
    journal.progressed();
    await sleep(pauseMs);
  }
}

async function receive(
  { origin }: RegistryClient,
  path: string,
  { progress, take }: { readonly progress: { received: number }; readonly take: (chunk: Buffer) => unknown },
): Promise<void> {
  const resumed = progress.received > 0;
  const headers = resumed ? { range: `bytes=${progress.received}-` } : {};
  const message = await open(origin, path, { headers, timeoutMs: 120_000 });
  const { statusCode = 0 } = message;
  if (statusCode !== (resumed ? 206 : 200)) {
    message.destroy();
    if (statusCode >= 500 || statusCode === 429) throw new Refused(`${statusCode} to GET blob`);
    throw new Violation(`GET blob from ${progress.received} was answered ${statusCode}`);
  }
  for await (const chunk of message as AsyncIterable<Buffer>) {
    progress.received += chunk.length;
    take(chunk);
  }
}
