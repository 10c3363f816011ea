import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Answer, archive, blobOf, eventually, RegistryClient } from '@longshore/testing';
import { beforeAll, describe, expect, it } from 'vitest';
import { run } from '../support/command.ts';
import { expectStatus } from '../support/expectations.ts';
import { type AccessToken, accessToken, longshore } from '../support/longshore.ts';
import { startSlowProxy } from '../support/slow-proxy.ts';
import { client, target } from '../support/target.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { challengeOf, tokenFor } from '../support/tokens.ts';

// A token lives one minute here, and doors allow for a minute of difference between clocks.
const lifetimeSeconds = 120;
let own: AccessToken;

beforeAll(async () => {
  await longshore('user', 'add', 'lea');
  own = await accessToken('user:lea');
});

const accountOf = ({ secret }: AccessToken) => ({ username: 'lea', password: secret });

async function registry(): Promise<RegistryClient> {
  const token = await tokenFor(accountOf(own), ['repository:team/long:pull,push']);
  return new RegistryClient(target.origin, { headers: { authorization: `Bearer ${token}` } });
}

async function untilItIs(status: number, ask: () => Promise<Answer>): Promise<Answer> {
  for (let seconds = 0; ; seconds += 2) {
    const answer = await ask();
    if (answer.status === status) return answer;
    if (seconds > 2 * lifetimeSeconds) throw new Error(`still ${answer.status}`);
    await sleep(2000);
  }
}

// They wait for clocks, so they wait together.
describe.concurrent('with time', { timeout: 300_000 }, () => {
  it('a token ends during an upload, which goes on with another one', async () => {
    const blob = blobOf(randomBytes(100_000));
    const first = await registry();
    const location = await first.startUpload('team/long');
    const opened = await first.patch(location, blob.bytes.subarray(0, 60_000), 0);
    expectStatus(opened, 202);
    const next = first.locationOf(opened);
    const refused = await untilItIs(401, () => first.get(next));
    expect(challengeOf(refused)).toMatchObject({
      error: 'invalid_token',
      scope: 'repository:team/long:pull,push',
    });
    expectStatus(await first.patch(next, blob.bytes.subarray(60_000), 60_000), 401);
    const second = await registry();
    expect((await second.get(next)).headers['range']).toBe('0-59999');
    const rest = await second.patch(next, blob.bytes.subarray(60_000), 60_000);
    expectStatus(rest, 202);
    expectStatus(await second.closeUpload(second.locationOf(rest), blob.digest), 201);
    expect((await second.get(`/v2/team/long/blobs/${blob.digest}`)).body).toEqual(blob.bytes);
  });

  it('crane pushes a layer that takes longer than its token lives', async () => {
    const folder = await temporaryFolder('long-push');
    const layer = join(folder, 'layer.tar');
    const rate = 100_000;
    await writeFile(
      layer,
      archive([{ path: 'random', content: randomBytes(rate * (lifetimeSeconds + 15)) }]),
    );
    const proxy = await startSlowProxy(target.origin, rate);
    try {
      const crane = (...options: readonly string[]): Promise<string> =>
        run('crane', ['--insecure', ...options], {
          environment: { HOME: folder, DOCKER_CONFIG: folder },
          timeoutMs: 280_000,
        });
      await crane('auth', 'login', proxy.host, '--username', 'lea', '--password', own.secret);
      await crane('append', '--new_layer', layer, '--new_tag', `${proxy.host}/team/crane-long:1`);
      expect(proxy.tokens.size).toBeGreaterThan(1);
      await crane('validate', '--fast', '--remote', `${proxy.host}/team/crane-long:1`);
    } finally {
      await proxy.close();
    }
  });

  it('the list of access tokens shows when one was last used', async () => {
    const { token, secret } = await accessToken('user:lea');
    const shown = async (): Promise<string | null | undefined> => {
      const all: { id: string; lastUsedAt?: string | null }[] = JSON.parse(
        await longshore('token', 'list', '--json'),
      );
      return all.find(({ id }) => id === token.id)?.lastUsedAt;
    };
    expect((await shown()) ?? undefined).toBeUndefined();
    const used = Date.now();
    expectStatus(await client.get('/v2/', { authorization: `Bearer ${secret}` }), 200);
    await eventually(async () => {
      expect(Date.parse((await shown()) ?? '')).toBeGreaterThanOrEqual(used - 1000);
    }, 150_000);
  });
});
