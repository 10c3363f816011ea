import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { uniqueRepository } from '@longshore/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { helmIn } from '../support/helm-in.ts';
import { client, imageName } from '../support/target.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

describe('helm', () => {
  const repository = uniqueRepository('charts');
  const url = `oci://${imageName(repository)}`;
  let folder = '';
  const helm = (...options: readonly string[]): Promise<string> => helmIn(folder, ...options);

  beforeAll(async () => {
    folder = await temporaryFolder('helm');
    await helm('create', 'web');
    for (const version of ['0.1.0', '0.2.0+build.1']) await helm('package', 'web', '--version', version);
  });

  it('pushes charts and pulls them, a version with a plus too', async () => {
    for (const version of ['0.1.0', '0.2.0+build.1']) {
      await helm('push', '--plain-http', `web-${version}.tgz`, url);
      await helm(
        'pull',
        '--plain-http',
        '--version',
        version,
        '--destination',
        folder,
        '--untar',
        '--untardir',
        `out-${version}`,
        `${url}/web`,
      );
      expect(await readFile(join(folder, `out-${version}/web/Chart.yaml`), 'utf8')).toContain(
        `version: ${version}`,
      );
    }
    expect((await client.get(`/v2/${repository}/web/tags/list`)).json().tags).toEqual([
      '0.1.0',
      '0.2.0_build.1',
    ]);
  });

  it('finds the newest version of a range, and renders from the registry', async () => {
    expect(await helm('show', 'chart', '--plain-http', '--version', '~0.1', `${url}/web`)).toContain(
      'version: 0.1.0',
    );
    expect(await helm('template', '--plain-http', '--version', '0.1.0', 'name', `${url}/web`)).toContain(
      'kind: Deployment',
    );
  });
});
