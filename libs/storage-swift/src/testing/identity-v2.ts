import { once } from 'node:events';
import { createServer } from 'node:http';
import { portOf } from '@longshore/testing';

export interface IdentityV2 extends AsyncDisposable {
  readonly authUrl: string;
}

/**
 * Starts an Identity API v2.0 in front of a Swift with authentication v1, and issues its tokens. No installable Keystone speaks v2, which was removed
 * in Queens. @param authUrl of authentication v1
 */
export async function startIdentityV2(authUrl: string): Promise<IdentityV2> {
  const server = createServer((request, response) => {
    const answer = async (): Promise<void> => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      const { auth } = JSON.parse(String(Buffer.concat(chunks)));
      const { username, password } = auth.passwordCredentials;
      const user = `${auth.tenantName}:${username}`;
      const login = await fetch(authUrl, { headers: { 'x-auth-user': user, 'x-auth-key': password } });
      await login.body?.cancel();
      if (!login.ok || request.url !== '/v2.0/tokens') {
        response.writeHead(401).end('{"error":{"code":401,"message":"Invalid user / password"}}');
        return;
      }
      const seconds = Number(login.headers.get('x-auth-token-expires'));
      const token = {
        id: login.headers.get('x-auth-token'),
        issued_at: new Date().toISOString(),
        expires: new Date(Date.now() + seconds * 1000).toISOString(),
      };
      const endpoints = [{ region: 'one', publicURL: login.headers.get('x-storage-url') }];
      const serviceCatalog = [
        { type: 'identity', endpoints: [] },
        { type: 'object-store', endpoints },
      ];
      response.end(JSON.stringify({ access: { token, serviceCatalog } }));
    };
    answer().catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    authUrl: `http://127.0.0.1:${portOf(server.address())}/v2.0`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
