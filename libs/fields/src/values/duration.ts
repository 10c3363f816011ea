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
/** The pattern of a duration, for JSON schemas. */
export const durationPattern = `^[0-9]+(\\.[0-9]+)?$|${goDuration.source}`;
const part = /(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g;

/** Limit in seconds of a bare number: ten years. A larger one was meant as nanoseconds, which is how Go reads it. */
const longestBareNumber = 315_360_000;

/**
 * Parses a duration like Go's `time.ParseDuration` (`168h`, `1m30s`, `.5s`). A bare number counts seconds. Negative durations are refused: none of
 * our settings can use them.
 * @returns milliseconds, or undefined if the text is not such a duration
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
