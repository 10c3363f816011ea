/** Milliseconds to wait for an answer. */
const patience = 15_000;

/** Requests an object by its URL as a client would. @returns the problem, without the URL, whose signature is a secret */
export async function followRedirect(
  url: string,
  { method, size }: { method: 'GET' | 'HEAD'; size: number },
): Promise<string | undefined> {
  const { host } = new URL(url);
  try {
    const answer = await fetch(url, { method, redirect: 'error', signal: AbortSignal.timeout(patience) });
    const length =
      method === 'GET' ? (await answer.bytes()).byteLength : Number(answer.headers.get('content-length'));
    if (answer.status !== 200) return `${method} at ${host} answers ${answer.status}`;
    return length === size ? undefined : `${method} at ${host} answers ${length} bytes of ${size}`;
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    return `${host} cannot be reached: ${cause instanceof Error ? cause.message : String(cause)}`;
  }
}
