import {
  type Blob,
  blobOf,
  descriptorOf,
  digestOf,
  manifestOf,
  ociTypes,
  type RegistryClient,
} from '@longshore/testing';
import { expectAnswer, inTime, Refused, Violation } from './journal.ts';

/** An image whose manifest was acknowledged: none of it may be lost. */
export interface Published {
  readonly name: string;
  readonly tag: string;
  readonly digest: string;
  readonly blobs: readonly string[];
}

/** The grace of the runner's configuration: nothing that was pushed or checked is collected within it. */
const graceMs = 10_000;

function imageOf(layer: Blob) {
  const config = blobOf(JSON.stringify({ architecture: 'amd64', os: 'linux', layer: layer.digest }));
  const manifest = manifestOf(ociTypes.manifest, {
    config: descriptorOf(config, ociTypes.config),
    layers: [descriptorOf(layer, ociTypes.layer)],
  });
  return { config, manifest };
}

/**
 * Pushes like docker: checks each blob, uploads it if it is missing, then pushes the manifest.
 * @throws Refused also if the collector was faster, because the store was slow; the next attempt checks again
 */
export async function publish(
  client: RegistryClient,
  place: { readonly name: string; readonly tag: string },
  layer: Blob,
): Promise<Published> {
  const { name, tag } = place;
  const { config, manifest } = imageOf(layer);
  const blobs = [layer, config];
  const begun = performance.now();
  for (const blob of blobs) await pushMissing(client, name, blob);
  const looked = performance.now();
  for (const { digest } of blobs) {
    const { status } = expectAnswer(await client.head(`/v2/${name}/blobs/${digest}`), 'HEAD blob', 200, 404);
    if (status === 404 && performance.now() - begun < graceMs) throw new Violation(`${digest} was lost`);
    if (status === 404) throw new Refused('collected');
  }
  expectAnswer(await client.pushManifest(name, tag, manifest), 'PUT manifest', 201);
  if (performance.now() - looked > graceMs) throw new Refused('collected, perhaps');
  return { ...place, digest: manifest.digest, blobs: blobs.map(({ digest }) => digest) };
}

async function pushMissing(client: RegistryClient, name: string, blob: Blob): Promise<void> {
  const seen = expectAnswer(await client.head(`/v2/${name}/blobs/${blob.digest}`), 'HEAD blob', 200, 404);
  if (seen.status === 200) return;
  const started = expectAnswer(await client.send('POST', `/v2/${name}/blobs/uploads/`), 'POST upload', 202);
  const closed = client.closeUpload(client.locationOf(started), blob.digest, blob.bytes);
  expectAnswer(await inTime('PUT blob', closed), 'PUT blob', 201);
}

/** Pulls every byte, from any replica. @throws Violation if one is missing or wrong in a complete answer */
export async function pull(client: RegistryClient, { name, tag, digest, blobs }: Published): Promise<void> {
  const manifest = expectAnswer(await client.get(`/v2/${name}/manifests/${tag}`), 'GET manifest', 200);
  if (digestOf(manifest.body) !== digest) throw new Violation(`${name}:${tag} is another manifest`);
  for (const blob of blobs) {
    const answer = await inTime('GET blob', client.get(`/v2/${name}/blobs/${blob}`));
    const { body } = expectAnswer(answer, 'GET blob', 200);
    if (digestOf(body) !== blob) throw new Violation(`${body.length} wrong bytes came for ${blob}`);
  }
}
