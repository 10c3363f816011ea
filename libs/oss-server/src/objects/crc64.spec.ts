import { describe, expect, it } from 'vitest';
import { combineCrc64, Crc64, crc64 } from './crc64.ts';

const bytesOf = (text: string) => new TextEncoder().encode(text);

describe('crc64', () => {
  it('gives the check value of CRC-64/XZ', () => {
    expect(crc64(bytesOf('123456789'))).toBe(0x995dc9bbdf1939fan);
  });

  it("gives the values in the tests of the vendor's Go SDK", () => {
    expect(crc64(bytesOf('This is a test of the emergency broadcast system.'))).toBe(0x27db187fc15bbc72n);
  });

  it('is 0 for no bytes', () => {
    expect(crc64(new Uint8Array())).toBe(0n);
  });

  it('does not depend on the chunks', () => {
    const bytes = Uint8Array.from({ length: 1000 }, (_, index) => (index * 31) & 0xff);
    const cut = new Crc64();
    for (let at = 0; at < bytes.length; at += 7) cut.update(bytes.subarray(at, at + 7));
    expect(cut.digest()).toBe(crc64(bytes));
  });
});

describe('combineCrc64', () => {
  it('gives the CRC of both runs, whatever their lengths', () => {
    const bytes = Uint8Array.from({ length: 5000 }, (_, index) => (index * index) & 0xff);
    for (const at of [0, 1, 8, 100, 2500, 4999, 5000]) {
      const [first, second] = [bytes.subarray(0, at), bytes.subarray(at)];
      expect(combineCrc64(crc64(first), crc64(second), second.length)).toBe(crc64(bytes));
    }
  });
});
