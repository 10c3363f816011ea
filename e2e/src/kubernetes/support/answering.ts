import { eventually } from '@longshore/testing';

/** Resolves when the registry's base answers so, which a route that was just made may take some seconds to do. */
export async function answering(origin: string, status: number, withinMs = 60_000): Promise<void> {
  await eventually(async () => {
    const answer = await fetch(`${origin}/v2/`);
    if (answer.status !== status) throw new Error(`${origin}/v2/ answers ${answer.status}, not ${status}`);
  }, withinMs);
}
