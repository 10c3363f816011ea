import { expect, it } from 'vitest';
import { originOf } from './session-endpoint.ts';

it.each([
  ['registry.example.com', 'https://registry.example.com'],
  ['registry.example.com:5000', 'https://registry.example.com:5000'],
  ['http://registry.example.com/', 'http://registry.example.com'],
  ['localhost:5000', 'http://localhost:5000'],
  ['127.0.0.1:5000', 'http://127.0.0.1:5000'],
  ['[::1]:5000', 'http://[::1]:5000'],
  ['127.example.com', 'https://127.example.com'],
  ['localhost.example.com', 'https://localhost.example.com'],
  ['', undefined],
  ['https://', undefined],
])('a registry %s answers at %s: only this machine gets secrets over http unasked', (registry, origin) => {
  expect(originOf(registry)).toBe(origin);
});
