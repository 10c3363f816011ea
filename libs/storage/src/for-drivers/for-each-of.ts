/**
 * Runs `work` for each item, at most `limit` of them at once. After a failure it waits for the running items, then rejects with the first failure.
 */
export async function forEachOf<T>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const waiting = items.values();
  const lane = async (): Promise<void> => {
    for (const item of waiting) await work(item);
  };
  const lanes = await Promise.allSettled(Array.from({ length: Math.min(limit, items.length) }, lane));
  for (const { status, ...outcome } of lanes)
    if (status === 'rejected' && 'reason' in outcome) throw outcome.reason;
}
