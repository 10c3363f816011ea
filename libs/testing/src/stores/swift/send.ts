interface Sent {
  readonly method?: string;
  readonly body?: string;
}

/** Sends a request to Swift and returns the answer. */
export async function send(url: string, token: string, { method = 'GET', body }: Sent = {}) {
  const headers = { 'x-auth-token': token };
  const answer = await fetch(url, { method, headers, ...(body === undefined ? {} : { body }) });
  return { status: answer.status, text: await answer.text() };
}
