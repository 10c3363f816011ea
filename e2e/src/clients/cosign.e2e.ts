import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tinyImage, uniqueRepository } from '@longshore/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { run } from '../support/command.ts';
import { client, imageName } from '../support/target.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

// Uses its own key and no transparency log: nothing leaves this machine.
describe('cosign', () => {
  const repository = uniqueRepository('cosign');
  const image = tinyImage({ content: repository });
  const reference = `${imageName(repository)}@${image.digest}`;
  let folder = '';
  const cosign = (...options: readonly string[]): Promise<string> =>
    run('cosign', options, {
      cwd: folder,
      environment: { COSIGN_PASSWORD: 'test', HOME: folder, COSIGN_YES: 'true' },
    });

  beforeAll(async () => {
    folder = await temporaryFolder('cosign');
    await client.pushImage(repository, image, 'signed');
    await cosign('generate-key-pair');
    await writeFile(join(folder, 'predicate.json'), '{"made":"here"}');
    await writeFile(
      join(folder, 'signing-config.json'),
      JSON.stringify({ mediaType: 'application/vnd.dev.sigstore.signingconfig.v0.2+json' }),
    );
  });

  it('signs an image with a referrer and verifies it', async () => {
    await cosign(
      'sign',
      '--key',
      'cosign.key',
      '--signing-config',
      'signing-config.json',
      '--allow-http-registry',
      reference,
    );
    expect((await client.get(`/v2/${repository}/referrers/${image.digest}`)).json().manifests).toHaveLength(
      1,
    );
    expect(
      await cosign(
        'verify',
        '--key',
        'cosign.pub',
        '--insecure-ignore-tlog',
        '--allow-http-registry',
        reference,
      ),
    ).toContain(image.digest);
  });

  it('attests and verifies the attestation', async () => {
    const signing = [
      '--key',
      'cosign.key',
      '--signing-config',
      'signing-config.json',
      '--allow-http-registry',
    ];
    await cosign('attest', ...signing, '--predicate', 'predicate.json', '--type', 'custom', reference);
    const verified = await cosign(
      'verify-attestation',
      '--key',
      'cosign.pub',
      '--insecure-ignore-tlog',
      '--allow-http-registry',
      '--type',
      'custom',
      reference,
    );
    expect(verified).not.toBe('');
  });

  it('signs under a tag as older versions do, and verifies it', async () => {
    const legacy = [
      '--use-signing-config=false',
      '--new-bundle-format=false',
      '--tlog-upload=false',
      '--allow-http-registry',
    ];
    const other = tinyImage({ content: `${repository} legacy` });
    await client.pushImage(repository, other, 'legacy');
    const name = `${imageName(repository)}@${other.digest}`;
    await cosign('sign', '--key', 'cosign.key', ...legacy, name);
    expect((await client.get(`/v2/${repository}/tags/list`)).json().tags).toContain(
      `${other.digest.replace(':', '-')}.sig`,
    );
    const verify = ['--new-bundle-format=false', '--insecure-ignore-tlog', '--allow-http-registry'];
    expect(await cosign('verify', '--key', 'cosign.pub', ...verify, name)).toContain(other.digest);
  });

  it('finds no signature where there is none', async () => {
    const unsigned = tinyImage({ content: `${repository} unsigned` });
    await client.pushImage(repository, unsigned);
    const name = `${imageName(repository)}@${unsigned.digest}`;
    await expect(
      cosign('verify', '--key', 'cosign.pub', '--insecure-ignore-tlog', '--allow-http-registry', name),
    ).rejects.toThrow(/no signatures/);
  });
});
