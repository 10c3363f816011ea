interface KeystoneAnswer {
  /** The token of a login, from X-Subject-Token; empty for any other answer. */
  readonly token: string;
  readonly body: unknown;
}

export interface KeystoneLogin {
  readonly username: string;
  readonly password: string;
  /** The project, in the default domain. */
  readonly project: string;
}

/** Calls Keystone as one user, with a new token for each request, since a test's tokens may live only for a second. */
export class KeystoneClient {
  readonly #url: string;
  readonly #login: KeystoneLogin;

  constructor(url: string, login: KeystoneLogin) {
    this.#url = url;
    this.#login = login;
  }

  async token(): Promise<string> {
    const { username, password, project } = this.#login;
    const domain = { id: 'default' };
    const identity = { methods: ['password'], password: { user: { name: username, domain, password } } };
    const auth = { identity, scope: { project: { name: project, domain } } };
    return (await this.#send('POST', '/auth/tokens', { auth })).token;
  }

  /** Creates an entity and returns its id. @param kind the key around the entity in the request and in the answer */
  async create(path: string, kind: string, value: unknown): Promise<string> {
    const { body } = await this.#send('POST', path, { [kind]: value }, await this.token());
    return idOf(field(body, kind));
  }

  /** Returns the id of the role of that name. */
  async role(name: string): Promise<string> {
    const { body } = await this.#send('GET', `/roles?name=${name}`, undefined, await this.token());
    const roles = field(body, 'roles');
    return idOf(Array.isArray(roles) ? roles[0] : undefined);
  }

  async put(path: string): Promise<void> {
    await this.#send('PUT', path, undefined, await this.token());
  }

  async #send(method: string, path: string, body?: unknown, token = ''): Promise<KeystoneAnswer> {
    const answer = await fetch(`${this.#url}${path}`, {
      method,
      headers: { 'content-type': 'application/json', ...(token === '' ? {} : { 'x-auth-token': token }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`Keystone answered ${answer.status} to ${method} ${path}: ${text}`);
    return {
      token: answer.headers.get('x-subject-token') ?? '',
      body: text === '' ? undefined : JSON.parse(text),
    };
  }
}

function field(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) throw new Error(`Keystone sent no ${name}`);
  return Reflect.get(value, name);
}

function idOf(value: unknown): string {
  const id = field(value, 'id');
  if (typeof id !== 'string') throw new Error('Keystone sent no id');
  return id;
}
