import { randomInt } from 'node:crypto';
import { type Blob, blobOf, type RegistryClient, uniqueBytes } from '@longshore/testing';
import { expectAnswer, inTime, type Journal, Violation } from './journal.ts';
import { publish, type Published } from './published.ts';

interface Session {
  readonly name: string;
  readonly blob: Blob;
  location: string;
  /** Acknowledged bytes: they must never decrease. */
  offset: number;
}

/**
 * Pushes blobs in chunks, some larger than a part, and resumes where the registry says whenever a chunk was refused. A started upload is finished,
 * also after the traffic was stopped. @returns the acknowledged blobs
 */
export async function uploadTraffic(
  client: RegistryClient,
  journal: Journal,
  {
    name,
    partBytes,
    stopped,
  }: { readonly name: string; readonly partBytes: number; readonly stopped: () => boolean },
): Promise<Published[]> {
  const acknowledged: Published[] = [];
  for (let round = 0; !stopped(); round += 1) {
    const blob = blobOf(uniqueBytes(randomInt(500_000, partBytes + 1_000_000)));
    const location = await journal.patiently(() => begin(client, name));
    if (location === undefined) continue;
    const finished = await finish(client, journal, { name, blob, location, offset: 0 });
    if (!finished) continue;
    const place = { name, tag: `t${round}` };
    const published = await journal.patiently(() => publish(client, place, blob));
    if (published !== undefined) acknowledged.push(published);
    journal.progressed();
  }
  return acknowledged;
}

async function begin(client: RegistryClient, name: string): Promise<string> {
  const answer = expectAnswer(await client.send('POST', `/v2/${name}/blobs/uploads/`), 'POST upload', 202);
  return client.locationOf(answer);
}

async function finish(client: RegistryClient, journal: Journal, session: Session): Promise<boolean> {
  const { blob } = session;
  let isKnown = true;
  while (session.offset < blob.bytes.length) {
    const gone = await journal.patiently(async () => {
      // After a refusal the number of stored bytes is unknown.
      if (!isKnown) await look(client, session);
      isKnown = false;
      if (session.offset < blob.bytes.length) await patch(client, session);
      isKnown = true;
      return false;
    });
    if (gone !== false) return false;
  }
  return (await journal.patiently(() => close(client, session))) === true;
}

/** Small chunks first, and never a single byte: the registry answers `Range: 0-0` for one byte and for none. */
function nextLength(offset: number, size: number): number {
  const fitting = size - offset;
  const length = offset < 100_000 ? randomInt(2, 50_000) : randomInt(300_000, size);
  return fitting - length === 1 ? fitting : Math.min(length, fitting);
}

async function patch(client: RegistryClient, session: Session): Promise<void> {
  const { blob, offset } = session;
  const end = offset + nextLength(offset, blob.bytes.length);
  const sent = client.patch(session.location, blob.bytes.subarray(offset, end), offset);
  const answer = expectAnswer(await inTime('PATCH upload', sent), 'PATCH upload', 202);
  session.location = client.locationOf(answer);
  session.offset = end;
}

async function look(client: RegistryClient, session: Session): Promise<void> {
  const answer = expectAnswer(await client.get(session.location), 'GET upload', 204);
  const stored = offsetOf(answer.headers['range'] ?? '');
  if (stored < session.offset || stored > session.blob.bytes.length)
    throw new Violation(`an upload of which ${session.offset} bytes were acknowledged has ${stored}`);
  session.location = client.locationOf(answer);
  session.offset = stored;
}

/** `0-99` is a hundred bytes. */
function offsetOf(range: string): number {
  const last = Number(range.split('-')[1] ?? 0);
  return last === 0 ? 0 : last + 1;
}

/** The answer to an earlier attempt may have been lost. Then the upload is gone, and the blob exists. */
async function close(client: RegistryClient, { name, blob, location }: Session): Promise<true> {
  const answer = await client.closeUpload(location, blob.digest);
  if (answer.status === 404)
    expectAnswer(await client.head(`/v2/${name}/blobs/${blob.digest}`), 'HEAD blob', 200);
  else expectAnswer(answer, 'PUT upload', 201);
  return true;
}
