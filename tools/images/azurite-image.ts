import { cpSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { azuritePackages } from '@longshore/testing/stores';
import { isNeeded } from './application.ts';
import { makeShared } from './base-image.ts';

/**
 * Copies a server of Azure's blob storage for a first try, onto a base with Node. It is below /opt/azurite, as in Microsoft's image. The first call
 * on a machine uses the npm registry.
 */
export async function layOutAzurite(root: string): Promise<void> {
  mkdirSync(join(root, 'opt'), { recursive: true });
  cpSync(await azuritePackages(), join(root, 'opt/node_modules'), { recursive: true, filter: isNeeded });
  symlinkSync('node_modules/azurite', join(root, 'opt/azurite'));
  makeShared(join(root, 'data'));
}
