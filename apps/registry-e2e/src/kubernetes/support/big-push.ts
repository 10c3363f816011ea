import { RegistryClient } from '@longshore/testing';
import { syntheticLayer } from '../../support/synthetic-layer.ts';

/** One layer of so many bytes by POST, PATCH and PUT, each sent once. @returns its digest; rejects on the first answer that is not the expected one */
export async function pushLayer(origin: string, repository: string, bytes: number): Promise<string> {
  const client = new RegistryClient(origin);
  const location = await client.startUpload(repository);
  const layer = syntheticLayer(bytes);
  const patched = await client.send('PATCH', location, {
    body: layer.stream,
    headers: { 'content-type': 'application/octet-stream', 'content-length': bytes },
    timeoutMs: 600_000,
  });
  if (patched.status !== 202) throw new Error(`PATCH answered ${patched.status}: ${patched.body.toString()}`);
  const closed = await client.closeUpload(client.locationOf(patched), layer.digest());
  if (closed.status !== 201) throw new Error(`PUT answered ${closed.status}: ${closed.body.toString()}`);
  return layer.digest();
}
