import {
  type Db,
  type KeyState,
  keyStates,
  revokeSigningKey,
  rotateSigningKeys,
  rotationOverlap,
  signingKeys,
} from '@longshore/metadata';
import { z } from 'zod';
import { change } from '../change.ts';
import { component, time } from '../fields.ts';
import { found } from '../listing.ts';
import { operation } from '../operation.ts';

const key = component(
  'SigningKey',
  z.strictObject({
    id: z.string().describe('The `kid` of the tokens that it signs.'),
    algorithm: z.string(),
    state: z.enum(['next', 'signs', 'verifies']),
    createdAt: time,
    signsFrom: time,
  }),
);
const keyList = component('SigningKeyList', z.strictObject({ items: z.array(key) }));
const rotation = component(
  'Rotation',
  z.strictObject({
    now: z
      .boolean()
      .optional()
      .describe('True: the new key signs after five seconds, otherwise after twenty minutes.'),
  }),
);
const rotated = component(
  'Rotated',
  z.strictObject({ replaces: z.array(z.string()).describe('The ids of the keys that are replaced.') }),
);
const path = z.strictObject({ id: z.string().regex(/^[\w-]{1,128}$/) });

const shown = ({ kid, algorithm, state, created, signsFrom }: KeyState): z.infer<typeof key> => ({
  id: kid,
  algorithm,
  state,
  createdAt: created.toISOString(),
  signsFrom: signsFrom.toISOString(),
});

const keyWith = async (db: Db, id: string): Promise<z.infer<typeof key>> =>
  shown(found(keyStates(await signingKeys(db)).find(({ kid }) => kid === id)));

export const signingKeyOperations = {
  listSigningKeys: operation({
    route: 'api-signing-keys',
    method: 'GET',
    summary: 'List the keys that sign and verify tokens, the newest first',
    status: 200,
    answer: keyList,
    run: async (_, { db }) => ({ body: { items: keyStates(await signingKeys(db)).map(shown) } }),
  }),
  getSigningKey: operation({
    route: 'api-signing-key',
    method: 'GET',
    summary: 'Show a signing key',
    path,
    status: 200,
    answer: key,
    refusals: [404],
    run: async ({ path: { id } }, { db }) => ({ body: await keyWith(db, id) }),
  }),
  rotateSigningKeys: operation({
    route: 'api-signing-key-rotation',
    method: 'POST',
    summary: 'Ask for a new signing key',
    description:
      'The key is made and published within a second or two. Tokens of the one before count until they expire.',
    body: rotation,
    status: 202,
    answer: rotated,
    refusals: [409],
    run: async ({ body: { now = false } }, scope) => {
      const afterSeconds = now ? rotationOverlap.now : rotationOverlap.usual;
      const { after } = await change(scope, async (tx) => ({
        before: undefined,
        after: await rotateSigningKeys(tx, { afterSeconds }),
      }));
      return { body: { replaces: after } };
    },
  }),
  revokeSigningKey: operation({
    route: 'api-signing-key',
    method: 'DELETE',
    summary: 'Delete a signing key that leaked: every door refuses its tokens within a second or two',
    path,
    status: 204,
    refusals: [404],
    run: async ({ path: { id } }, scope) => {
      await change(scope, (tx) => revokeSigningKey(tx, id));
      return { body: undefined };
    },
  }),
};
