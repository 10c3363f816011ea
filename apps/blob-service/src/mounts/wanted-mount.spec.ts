import { describe, expect, it } from 'vitest';
import { wantedMount } from './wanted-mount.ts';

const digest = `sha256:${'a'.repeat(64)}`;
const wanted = (query: string) => wantedMount(new URLSearchParams(query));

describe('wantedMount', () => {
  it('reads a mount from one repository, and one from any', () => {
    expect(wanted(`mount=${digest}&from=team/app`)).toEqual({ digest, from: 'team/app' });
    expect(wanted(`mount=${digest}`)).toEqual({ digest, from: undefined });
    expect(wanted(`mount=${encodeURIComponent(digest)}&from=team%2Fapp`)).toEqual({
      digest,
      from: 'team/app',
    });
  });

  it.each([
    '',
    'from=team/app',
    'mount=',
    'mount=&from=team/app',
    'mount=sha256:short&from=team/app',
    `mount=${digest}&from=`,
    `mount=${digest}&from=UPPER`,
    `mount=${digest}&from=../etc`,
  ])('finds no mount, so that an upload starts: %s', (query) => {
    expect(wanted(query)).toBeUndefined();
  });
});
