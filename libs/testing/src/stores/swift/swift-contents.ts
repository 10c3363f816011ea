import type { StoreContents } from '../store-server.ts';
import type { SwiftContainer } from './swift.ts';
import { logInWithTempauth, type TempauthAccess } from './tempauth.ts';

/** Lists everything in the container, including segments: Swift has no uploads. */
export async function swiftContents(access: TempauthAccess & SwiftContainer): Promise<StoreContents> {
  const { token, storageUrl } = await logInWithTempauth(access);
  const objects: string[] = [];
  for (;;) {
    const url = `${storageUrl}/${access.container}?marker=${encodeURIComponent(objects.at(-1) ?? '')}`;
    const page = await listed(url, token);
    if (page.length === 0) return { objects, uploads: [] };
    objects.push(...page);
  }
}

async function listed(url: string, token: string): Promise<string[]> {
  const answer = await fetch(url, { headers: { 'x-auth-token': token } });
  if (!answer.ok) throw new Error(`Swift answered ${answer.status} to a listing: ${await answer.text()}`);
  return (await answer.text()).split('\n').filter((name) => name !== '');
}
