import { describe, expect, it } from 'vitest';
import { loggedTarget } from './logged-target.ts';

describe('the target of a request in the log', () => {
  it.each([
    ['/v2/_catalog?n=10', '/v2/_catalog?n=10'],
    ['/auth/token?scope=repository:a:pull', '/auth/token?scope=repository:a:pull'],
    ['/token?service=a', '/token?service=a'],
    ['/auth/callback/company?code=secret&state=secret', '/auth/callback/company'],
    ['/auth/device?user_code=ABCD-EFGH', '/auth/device'],
    ['/v2?access_token=secret', '/v2'],
    ['/?token=secret', '/'],
    ['/auth/token/?code=secret', '/auth/token/'],
  ])('of %s is %s', (target, logged) => {
    expect(loggedTarget(target)).toBe(logged);
  });

  it('is bounded', () => {
    expect(loggedTarget(`/v2/${'a'.repeat(10_000)}`)).toHaveLength(512);
  });
});
