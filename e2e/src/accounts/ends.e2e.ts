import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually, tinyImage } from '@longshore/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { basic } from '../support/credentials.ts';
import { type Door, doorsTo, statusesOf, untilRefused } from '../support/doors.ts';
import { accessToken, longshore } from '../support/longshore.ts';
import { clientOf } from '../support/target.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { tokenFor } from '../support/tokens.ts';

const image = tinyImage({ content: 'ends' });
const scopes = ['repository:team/ends:pull'];
let folder = '';
let doors: readonly Door[] = [];
const took: Record<string, number[]> = { revocation: [], password: [] };

const account = (password: string) => ({ username: 'eva', password });

/** Gives eva a password, by the command line. */
async function setPassword(password: string): Promise<void> {
  const file = join(folder, 'password');
  await writeFile(file, password);
  await longshore('user', 'password', 'eva', '--password-file', file);
}

beforeAll(async () => {
  folder = await temporaryFolder('ends');
  await longshore('user', 'add', 'eva');
  await setPassword('the first password');
  await clientOf(account('the first password')).pushImage('team/ends', image, 'latest');
  doors = await doorsTo('team/ends', image);
});
afterAll(() => {
  for (const [what, times] of Object.entries(took))
    console.log(
      `measured: ${what} at every door after ${times.map((time) => Math.round(time)).join(', ')} ms`,
    );
});

const open = () => doors.map(() => 200);

describe('every door', () => {
  it('refuses a revoked access token, and what was got with it, within 5 s', async () => {
    const { token, secret } = await accessToken('user:eva');
    const held = [
      basic(account(secret)),
      `Bearer ${secret}`,
      `Bearer ${await tokenFor(account(secret), scopes)}`,
    ];
    for (const each of held) expect(await statusesOf(doors, each)).toEqual(open());
    await longshore('token', 'revoke', token.id);
    const times = await Promise.all(held.map((each) => untilRefused(doors, each)));
    took['revocation']?.push(...times);
    expect(Math.max(...times)).toBeLessThan(5000);
  });

  it('refuses a changed password, and a token of it, within a second, and takes the new one', async () => {
    // A busy machine may delay one change, and does not delay three.
    for (const change of [1, 2, 3]) {
      await setPassword(`old password ${change}`);
      const held = [
        basic(account(`old password ${change}`)),
        `Bearer ${await tokenFor(account(`old password ${change}`), scopes)}`,
      ];
      // Doors that have not heard of a second change yet refuse its password for half a second (the mark of the first one counts for two).
      await eventually(async () => {
        for (const each of held) expect(await statusesOf(doors, each)).toEqual(open());
      });
      await setPassword(`new password ${change}`);
      const times = await Promise.all(held.map((each) => untilRefused(doors, each)));
      took['password']?.push(Math.max(...times));
      await eventually(async () => {
        expect(await statusesOf(doors, basic(account(`new password ${change}`)))).toEqual(open());
      });
    }
    expect(Math.min(...(took['password'] ?? []))).toBeLessThan(1000);
    expect(Math.max(...(took['password'] ?? []))).toBeLessThan(5000);
  });

  it('refuses a disabled user, and takes the user again', async () => {
    await setPassword('of a disabled user');
    const credentials = basic(account('of a disabled user'));
    await eventually(async () => expect(await statusesOf(doors, credentials)).toEqual(open()));
    await longshore('user', 'disable', 'eva');
    expect(await untilRefused(doors, credentials)).toBeLessThan(5000);
    await longshore('user', 'enable', 'eva');
    expect(await statusesOf(doors, credentials)).toEqual(open());
  });
});
