import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT, type CryptoKey } from 'jose';
import { portOf } from './http/port-of.ts';

/** How the provider answers a request for its documents. `away` closes the connection. */
export type ProviderMood = 'well' | 'away' | 'huge' | 'slow' | 'redirects' | 'another issuer' | 'nonsense';

interface SigningKey {
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
}

/** An OpenID Connect issuer on loopback with an RS256 key: its discovery document, its key set, its tokens. */
export class IdentityProvider {
  mood: ProviderMood = 'well';
  /** Paths of the requests so far. */
  readonly asked: string[] = [];
  readonly #server: Server;
  #keys: readonly SigningKey[];

  private constructor(server: Server, keys: readonly SigningKey[]) {
    this.#server = server;
    this.#keys = keys;
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      this.asked.push(request.url ?? '');
      void this.#answer(request.url ?? '', response);
    });
  }

  static async start(port = 0): Promise<IdentityProvider> {
    const server = createServer().listen(port, '127.0.0.1');
    await once(server, 'listening');
    return new IdentityProvider(server, [await signingKey('key-1')]);
  }

  get issuer(): string {
    return `http://127.0.0.1:${portOf(this.#server.address())}`;
  }

  /** Signs with a new key from now on. Both keys are published. */
  async rotate(): Promise<void> {
    this.#keys = [await signingKey(`key-${this.#keys.length + 1}`), ...this.#keys];
  }

  /** Signs claims with the newest key. `iss` and times are set unless the claims have them. */
  async sign(claims: JWTPayload, header: Readonly<Record<string, unknown>> = {}): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    const [key] = this.#keys;
    if (key === undefined) throw new Error('the provider has no key');
    return new SignJWT({ iss: this.issuer, iat: now, nbf: now, exp: now + 600, ...claims })
      .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: key.kid, ...header })
      .sign(key.privateKey);
  }

  async keySet(): Promise<{ readonly keys: readonly object[] }> {
    const keys = await Promise.all(
      this.#keys.map(async ({ kid, publicKey }) => ({
        ...(await exportJWK(publicKey)),
        kid,
        use: 'sig',
        alg: 'RS256',
      })),
    );
    return { keys };
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #answer(path: string, response: ServerResponse): Promise<void> {
    const issuer = this.mood === 'another issuer' ? 'https://other.example' : this.issuer;
    switch (this.mood) {
      case 'away':
        return void response.destroy();
      case 'huge':
        return pour(response, 100e6);
      case 'slow':
        return drip(response);
      case 'redirects':
        return void response.writeHead(302, { location: '/elsewhere' }).end();
      case 'nonsense':
        return void response.end('<html>');
      case 'well':
      case 'another issuer':
        return void response.end(
          JSON.stringify(
            path === '/jwks' ? await this.keySet() : { issuer, jwks_uri: `${this.issuer}/jwks` },
          ),
        );
    }
  }
}

async function signingKey(kid: string): Promise<SigningKey> {
  return { kid, ...(await generateKeyPair('RS256', { extractable: true })) };
}

function pour(response: ServerResponse, bytes: number): void {
  const chunk = Buffer.alloc(64 * 1024, ' ');
  let sent = 0;
  const more = (): void => {
    while (sent < bytes && !response.destroyed) {
      sent += chunk.length;
      if (!response.write(chunk)) return void response.once('drain', more);
    }
    response.end();
  };
  more();
}

/** One byte a second, without end. */
function drip(response: ServerResponse): void {
  const timer = setInterval(() => response.write(' '), 1000);
  response.on('close', () => clearInterval(timer));
}
