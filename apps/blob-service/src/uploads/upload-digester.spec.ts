import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Algorithm, algorithmOfState, nativeDigester, resumableDigester } from './upload-digester.ts';

const digestOf = (algorithm: Algorithm, bytes: Uint8Array): string =>
  `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`;

/** Hashes each chunk in its own digester, like replicas that know only the state saved by the one before. */
async function resumed(algorithm: Algorithm, chunks: readonly Uint8Array[]) {
  let saved: Uint8Array | undefined;
  for (const chunk of chunks) {
    const digester = await resumableDigester(algorithm, saved);
    digester?.update(chunk);
    saved = digester?.state();
  }
  return (await resumableDigester(algorithm, saved))?.digest();
}

const algorithms = ['sha256', 'sha512'] as const;

describe('resumableDigester', () => {
  it.each(algorithms)('gives the digest of the whole for any chunks (%s)', async (algorithm) => {
    const chunks = fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(chunks, async (parts) => {
        expect(await resumed(algorithm, parts)).toBe(digestOf(algorithm, Buffer.concat(parts)));
      }),
      { numRuns: 100 },
    );
  });

  it.each(algorithms)('puts its version and its algorithm before the state (%s)', async (algorithm) => {
    const state = (await resumableDigester(algorithm))?.state() ?? Buffer.alloc(0);
    expect([...state.subarray(0, 2)]).toEqual([1, algorithm === 'sha256' ? 1 : 2]);
    expect(algorithmOfState(state)).toBe(algorithm);
  });

  it('never accepts a state of another algorithm', async () => {
    const state = (await resumableDigester('sha256'))?.state();
    expect(await resumableDigester('sha512', state)).toBeUndefined();
  });

  it('never accepts a state of another version', async () => {
    const state = Buffer.from((await resumableDigester('sha256'))?.state() ?? []);
    state[0] = 2;
    expect(algorithmOfState(state)).toBeUndefined();
    expect(await resumableDigester('sha256', state)).toBeUndefined();
  });

  it('never accepts a state that was truncated, extended, or forged', async () => {
    const state = Buffer.from((await resumableDigester('sha256'))?.state() ?? []);
    const foreign = [
      Buffer.alloc(0),
      state.subarray(0, 2),
      state.subarray(0, -1),
      Buffer.concat([state, Buffer.alloc(1)]),
      Buffer.concat([state.subarray(0, 2), Buffer.alloc(state.byteLength - 2, 7)]),
    ];
    for (const saved of foreign) {
      expect(await resumableDigester('sha256', saved)).toBeUndefined();
    }
  });
});

describe('nativeDigester', () => {
  it.each(algorithms)('hashes, and has no state to save (%s)', (algorithm) => {
    const digester = nativeDigester(algorithm);
    digester.update(Buffer.from('a'));
    digester.update(Buffer.from('bc'));
    expect(digester.state()).toBeUndefined();
    expect(digester.digest()).toBe(digestOf(algorithm, Buffer.from('abc')));
  });
});
