import { eventually } from '@longshore/testing';

/** Resolves when the registry's base answers with this status. A new route may need some seconds. */
export async function answering(origin: string, status: number, withinMs = 60_000): Promise<void> {
  await eventually(async () => {
    const answer = await fetch(`${origin}/v2/`);
    if (answer.status !== status) throw new Error(`${origin}/v2/ answers ${answer.status}, not ${status}`);
  }, withinMs);
}
