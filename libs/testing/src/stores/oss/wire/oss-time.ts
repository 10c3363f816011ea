/** A moment as OSS's documents write it: the service keeps whole seconds and always writes `.000Z`, and Alibaba's Python SDK reads nothing else. */
export function ossTime(moment: Date): string {
  return moment.toISOString().replace(/\.\d{3}Z$/, '.000Z');
}
