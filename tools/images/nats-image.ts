import { copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { layOutAccounts, makeShared } from './base-image.ts';
import { copyInto, librariesOf } from './copy-into.ts';

const configuration = `# JetStream on a volume; the client listener for the cluster's network, the monitor for probes.
listen: 0.0.0.0:4222
http: 0.0.0.0:8222
max_payload: 8MB
jetstream { store_dir: /data }
`;

/** @throws Error when no nats-server is on the PATH */
export async function layOutNats(root: string): Promise<void> {
  const program = (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((folder) => join(folder, 'nats-server'))
    .find((path) => existsSync(path));
  if (program === undefined)
    throw new Error(
      'there is no nats-server on the PATH: apt-get install nats-server, or go install github.com/nats-io/nats-server/v2@v2.15.2',
    );
  for (const folder of ['usr/local/bin', 'etc/nats']) mkdirSync(join(root, folder), { recursive: true });
  makeShared(join(root, 'data'));
  copyFileSync(program, join(root, 'usr/local/bin/nats-server'));
  for (const library of await librariesOf(program)) copyInto(root, library);
  writeFileSync(join(root, 'etc/nats/nats.conf'), configuration);
  layOutAccounts(root);
}
