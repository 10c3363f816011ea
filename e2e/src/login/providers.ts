import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ProviderPorts } from '../runner/identity-providers.ts';
import { target } from '../support/target.ts';

/** The ports that the registry's configuration names. */
export async function providerPorts(): Promise<ProviderPorts> {
  return JSON.parse(await readFile(join(target.home, 'providers.json'), 'utf8'));
}
