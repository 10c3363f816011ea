import { randomBytes } from 'node:crypto';

const largestCounter = 0xf_ff;

/**
 * Makes UUIDs of version 7 (RFC 9562 §5.7) in strictly ascending order, also within one millisecond and when the clock is set back. The 12 bits after
 * the time are a counter (§6.2, method 1); when the counter overflows, the time runs ahead. Across processes the order follows their clocks.
 */
export function ascendingIds(clock: () => number = Date.now): () => string {
  let millisecond = 0;
  let counter = 0;
  return () => {
    const now = clock();
    if (now > millisecond) [millisecond, counter] = [now, 0];
    else if (counter < largestCounter) counter += 1;
    else [millisecond, counter] = [millisecond + 1, 0];
    const bytes = randomBytes(16);
    bytes.writeUIntBE(millisecond, 0, 6);
    bytes.writeUInt16BE(0x70_00 | counter, 6);
    bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
    const hex = bytes.toString('hex');
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
  };
}

/** Ids of events. The outbox relays events, and the notifier delivers webhooks, in the order of these ids. */
export const eventId = ascendingIds();
