import { createHmac, randomBytes } from 'node:crypto';
import { dropped, type HttpAnswer } from './http/http-call.ts';
import type { SwiftFeatures } from './http/swift-features.ts';
import type { SwiftContext } from './swift-context.ts';
import type { SwiftParameters } from './swift-parameters.ts';
import { StorageError } from '@longshore/storage';

/** Milliseconds after which keys are read again, so a changed key is noticed. Swift's proxies cache keys for about as long. */
const keyStands = 60_000;

type TempUrlParameters = Pick<
  SwiftParameters,
  'secretkey' | 'accesskey' | 'tempurlcontainerkey' | 'tempurlmethods' | 'tenantid'
>;

/** The owner of a key: the account, or the container (whose name is the path). */
interface Holder {
  readonly path: string;
  readonly header: string;
}

/** Signs URLs that are valid for a while without a token (Swift's tempurl middleware). */
export class TempUrls {
  readonly #context: SwiftContext;
  readonly #parameters: TempUrlParameters;
  /** Undefined: what the service reports. */
  readonly #methods: readonly string[] | undefined;
  #known: { readonly key: string | undefined; readonly until: number } | undefined;

  constructor(context: SwiftContext, parameters: TempUrlParameters) {
    this.#context = context;
    this.#parameters = parameters;
    this.#methods =
      parameters.tempurlmethods === undefined ? undefined : methodsOf(parameters.tempurlmethods);
  }

  /** @returns undefined if the service has no such URLs, does not allow reads with them, or lets us neither read nor set a key */
  async sign(
    name: string,
    { method, expires }: { method: 'GET' | 'HEAD'; expires: number },
  ): Promise<string | undefined> {
    const features = await this.#context.run({}, (_, known) => Promise.resolve(known));
    const methods = this.#methods ?? features.tempUrlMethods;
    // A signature for GET is also valid for HEAD.
    const signed = methods.includes(method) ? method : methods.find((other) => other === 'GET');
    if (signed === undefined) return undefined;
    const key = await this.#key(features);
    if (key === undefined) return undefined;
    const { account, container } = this.#context;
    const url = await this.#context.run({}, () => account.urlOf(`${container.name}/${name}`));
    const path = decodeURIComponent(url.pathname);
    const signature = createHmac(features.tempUrlDigest, key)
      .update(`${signed}\n${expires}\n${path}`)
      .digest('hex');
    url.searchParams.set('temp_url_sig', this.#withAccessKey(signature));
    url.searchParams.set('temp_url_expires', String(expires));
    return url.href;
  }

  /** Adds the name of the key: HP's cloud had named keys. */
  #withAccessKey(signature: string): string {
    const { accesskey, tenantid = '' } = this.#parameters;
    return accesskey === undefined ? signature : `${tenantid}:${accesskey}:${signature}`;
  }

  async #key(features: SwiftFeatures): Promise<string | undefined> {
    const known = this.#known;
    if (known !== undefined && performance.now() < known.until) return known.key;
    const key = await this.#found(features);
    this.#known = { key, until: performance.now() + keyStands };
    return key;
  }

  /** Finds the key: the configured one, the existing one, or a new one. The container's key is preferred, since it opens less. */
  async #found({ hasContainerKeys }: SwiftFeatures): Promise<string | undefined> {
    const { secretkey, tempurlcontainerkey } = this.#parameters;
    const account: Holder = { path: '', header: 'x-account-meta-temp-url-key' };
    const container: Holder = { path: this.#context.container.name, header: 'x-container-meta-temp-url-key' };
    const holders = tempurlcontainerkey || hasContainerKeys ? [container, account] : [account];
    const [preferred = account] = holders;
    const there = await this.#keysOf(holders);
    if (secretkey !== undefined) {
      // If we may not set the configured key, somebody else may have set it.
      if (!there.includes(secretkey)) await this.#set(preferred, secretkey);
      return secretkey;
    }
    if (there[0] !== undefined) return there[0];
    if (!(await this.#set(preferred, randomBytes(32).toString('hex')))) return undefined;
    // Another replica may have set its own key concurrently: the last one is valid for both.
    return (await this.#keysOf([preferred]))[0];
  }

  async #keysOf(holders: readonly Holder[]): Promise<readonly string[]> {
    const keys = holders.map(async ({ path, header }) => {
      const answer = await this.#ask({ method: 'HEAD', path });
      return [answer.header(header), answer.header(`${header}-2`)].filter((key) => key !== undefined);
    });
    return (await Promise.all(keys)).flat();
  }

  /** @returns false if we may not set it */
  async #set({ path, header }: Holder, key: string): Promise<boolean> {
    try {
      await this.#ask({ method: 'POST', path, headers: { [header]: key } });
      return true;
    } catch (error) {
      if (error instanceof StorageError && error.kind === 'denied') return false;
      throw error;
    }
  }

  #ask(call: { method: string; path: string; headers?: Record<string, string> }): Promise<HttpAnswer> {
    return this.#context.run({}, async () => {
      const answer = await this.#context.account.call({ ...call, expected: [403] });
      await dropped(answer);
      // A 403 to HEAD means that we may not see the key; only a 403 to POST that we may not set it.
      if (answer.status !== 403 || call.method === 'HEAD') return answer;
      const reason = 'a key for temporary URLs may not be set';
      throw new StorageError('denied', { driver: 'swift', reason });
    });
  }
}

/** Of a text with commas. */
function methodsOf(text: string): readonly string[] {
  return text
    .split(',')
    .map((method) => method.trim().toUpperCase())
    .filter((method) => method !== '');
}
