import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { uniqueBytes, uniqueRepository } from '@longshore/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { run } from '../support/command.ts';
import { client, imageName } from '../support/target.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

describe('oras', () => {
  const repository = uniqueRepository('oras');
  const image = imageName(repository);
  const content = uniqueBytes(5000);
  let folder = '';
  const oras = (...options: readonly string[]): Promise<string> => run('oras', options, { cwd: folder });

  beforeAll(async () => {
    folder = await temporaryFolder('oras');
    await writeFile(join(folder, 'artifact.bin'), content);
    await writeFile(join(folder, 'sbom.json'), '{"sbom":true}');
    await oras(
      'push',
      '--plain-http',
      '--artifact-type',
      'application/vnd.example.thing',
      `${image}:1`,
      'artifact.bin:application/vnd.example.bin',
    );
  });

  it('pulls the artifact that it pushed', async () => {
    await oras('pull', '--plain-http', '--output', 'out', `${image}:1`);
    expect(await readFile(join(folder, 'out/artifact.bin'))).toEqual(content);
  });

  it('attaches a referrer and discovers it', async () => {
    await oras(
      'attach',
      '--plain-http',
      '--artifact-type',
      'application/vnd.example.sbom',
      `${image}:1`,
      'sbom.json',
    );
    const found: { referrers?: { artifactType: string }[] } = JSON.parse(
      await oras('discover', '--plain-http', '--format', 'json', `${image}:1`),
    );
    expect(found.referrers?.map(({ artifactType }) => artifactType)).toEqual([
      'application/vnd.example.sbom',
    ]);
    // By the API, not by the tag that clients use in a registry without it.
    expect((await client.get(`/v2/${repository}/tags/list`)).json().tags).toEqual(['1']);
  });

  it('copies an artifact with its referrers', async () => {
    const copy = uniqueRepository('oras');
    await oras(
      'cp',
      '--recursive',
      '--from-plain-http',
      '--to-plain-http',
      `${image}:1`,
      `${imageName(copy)}:1`,
    );
    expect(await oras('discover', '--plain-http', '--format', 'json', `${imageName(copy)}:1`)).toContain(
      'application/vnd.example.sbom',
    );
  });

  it('lists tags and repositories, and deletes', async () => {
    expect(await oras('repo', 'tags', '--plain-http', image)).toBe('1');
    expect(await oras('repo', 'ls', '--plain-http', new URL(client.origin).host)).toContain(repository);
    await oras('tag', '--plain-http', `${image}:1`, '2');
    await oras('manifest', 'delete', '--plain-http', '--force', `${image}:1`);
    expect((await client.head(`/v2/${repository}/manifests/1`)).status).toBe(404);
  });

  it('pushes and fetches a single blob', async () => {
    const pushed: { digest: string } = JSON.parse(
      await oras('blob', 'push', '--plain-http', '--descriptor', image, 'sbom.json'),
    );
    expect(await oras('blob', 'fetch', '--plain-http', '--output', '-', `${image}@${pushed.digest}`)).toBe(
      '{"sbom":true}',
    );
  });

  it('makes an index', async () => {
    const other = imageName(uniqueRepository('oras'));
    for (const tag of ['a', 'b'])
      await oras(
        'push',
        '--plain-http',
        '--artifact-type',
        `application/vnd.example.${tag}`,
        `${other}:${tag}`,
        'artifact.bin',
      );
    await oras('manifest', 'index', 'create', '--plain-http', `${other}:both`, 'a', 'b');
    expect(await oras('manifest', 'fetch', '--plain-http', `${other}:both`)).toContain('"manifests"');
  });
});
