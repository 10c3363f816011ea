/** Formats a time as OSS's documents do. The service keeps whole seconds and always writes `.000Z`; Alibaba's Python SDK parses nothing else. */
export function ossTime(moment: Date): string {
  return moment.toISOString().replace(/\.\d{3}Z$/, '.000Z');
}
