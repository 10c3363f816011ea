import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type ClientMetadata, Provider } from 'oidc-provider';
import { portOf } from '../http/port-of.ts';

/** A person whom the provider knows. A test may change it while the provider runs. */
export interface ProviderPerson {
  name: string;
  groups: string[];
}

export interface TestProvider {
  readonly issuer: string;
  /** By `sub`, which is what a person types at the login. */
  readonly people: Map<string, ProviderPerson>;
  readonly client: { readonly id: string; readonly secret: string };
  close(): Promise<void>;
}

export interface TestProviderOptions {
  /** Base URLs of the registries that log people in, and the name that they give this provider. */
  readonly registries: readonly string[];
  readonly name: string;
  readonly port?: number;
  /** Address of this machine. Default: loopback. */
  readonly host?: string;
  readonly client?: Partial<ClientMetadata>;
}

/**
 * Starts a real provider, `oidc-provider`, with its own pages: one asks who logs in and takes any password, one asks for consent. It has
 * refresh tokens that rotate, user info, and both ways of logout.
 */
export async function startProvider(options: TestProviderOptions): Promise<TestProvider> {
  const { registries, name, port = 0, host = '127.0.0.1' } = options;
  const client = { id: 'longshore', secret: 'the secret of the client, which is long enough' };
  const people = new Map<string, ProviderPerson>();
  const server = createServer().listen(port, host);
  await once(server, 'listening');
  const issuer = `http://${host}:${portOf(server.address())}`;
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: client.id,
        client_secret: client.secret,
        redirect_uris: registries.map((each) => `${each}/auth/callback/${name}`),
        post_logout_redirect_uris: registries.map((each) => `${each}/auth/login`),
        grant_types: ['authorization_code', 'refresh_token'],
        token_endpoint_auth_method: 'client_secret_post',
        ...(registries[0] === undefined
          ? {}
          : {
              backchannel_logout_uri: `${registries[0]}/auth/logout/${name}`,
              backchannel_logout_session_required: true,
            }),
        ...options.client,
      },
    ],
    claims: { openid: ['sub'], profile: ['preferred_username', 'groups'], email: ['email'] },
    findAccount: (_, sub) => {
      const person = people.get(sub);
      if (person === undefined) return undefined;
      const { name: preferred, groups } = person;
      return {
        accountId: sub,
        claims: () => ({ sub, preferred_username: preferred, groups, email: `${preferred}@a.example` }),
      };
    },
    features: {
      backchannelLogout: { enabled: true },
      revocation: { enabled: true },
      devInteractions: { enabled: true },
    },
    pkce: { required: () => true },
    cookies: { keys: ['a key of a test'] },
    // Its own dispatcher refuses loopback, where the registry of a test is.
    fetch: (url, { method = 'GET', headers = {}, body = null } = {}) => fetch(url, { method, headers, body }),
  });
  const answer = provider.callback();
  server.on('request', (request, response) => void answer(request, response));
  return {
    issuer,
    people,
    client,
    close: () => closed(server),
  };
}

async function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
}
