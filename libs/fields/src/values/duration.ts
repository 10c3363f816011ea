const millisecondsPerUnit: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

const goDuration =
  /^(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h)(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))*$/;
/** Of a text that is a duration, for schemas. */
export const durationPattern = `^[0-9]+(\\.[0-9]+)?$|${goDuration.source}`;
const part = /(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g;

/** Ten years. A bare number above it was meant as nanoseconds, which is how Go reads one. Seconds. */
const longestBareNumber = 315_360_000;

/**
 * Reads a duration as Go's `time.ParseDuration` does (`168h`, `1m30s`, `.5s`); a bare number counts seconds. Negative durations
 * mean nothing to any of our settings and are not read.
 * @returns milliseconds, or undefined when the text is no such duration
 */
export function parseDuration(text: string): number | undefined {
  if (/^\d+(?:\.\d+)?$/.test(text)) {
    const seconds = Number(text);
    return seconds <= longestBareNumber ? seconds * 1000 : undefined;
  }
  if (!goDuration.test(text)) return undefined;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(part))
    total += Number(amount) * (millisecondsPerUnit[unit ?? ''] ?? 0);
  return Number.isFinite(total) ? total : undefined;
}
