import { expect, it } from 'vitest';
import { isLoopbackHost } from './loopback.ts';

it.each(['localhost', '127.0.0.1', '127.255.0.9', '::1', '[::1]'])('knows %s as this machine', (host) => {
  expect(isLoopbackHost(host)).toBe(true);
});

it.each([
  '',
  '0.0.0.0',
  '::',
  '10.0.0.1',
  '127.example.com',
  '127.0.0.1.example.com',
  'localhost.example.com',
])('takes %j for another machine', (host) => {
  expect(isLoopbackHost(host)).toBe(false);
});
