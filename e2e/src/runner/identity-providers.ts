import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '@longshore/testing';
import { storage } from './configurations.ts';

/** Where the suite starts its providers: `providers.json` in the registry's home. */
export interface ProviderPorts {
  readonly company: number;
}

/** People log in at a provider that the suite starts. */
export async function identityProviders(home: string, origin: string): Promise<string> {
  const ports: ProviderPorts = { company: await freePort() };
  await writeFile(join(home, 'providers.json'), JSON.stringify(ports));
  return `${storage(home)}http: { host: '${origin}', secret: a secret of the suite }
auth:
  token: { service: registry.test }
  oidc:
    providers:
      - name: company
        title: The company
        issuer: http://127.0.0.1:${ports.company}
        clientid: longshore
        clientsecret: the secret of the client, which is long enough
`;
}
