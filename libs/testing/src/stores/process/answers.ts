/** Resolves if a GET is answered with any status below 500. An unknown path or a missing signature counts as an answer. */
export async function answers(url: string): Promise<void> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(3_000) });
  await answer.body?.cancel();
  if (answer.status >= 500) throw new Error(`${url} answered ${answer.status}`);
}
