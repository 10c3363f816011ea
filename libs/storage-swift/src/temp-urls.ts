import { createHmac, randomBytes } from 'node:crypto';
import { dropped, type HttpAnswer } from './http/http-call.ts';
import type { SwiftFeatures } from './http/swift-features.ts';
import type { SwiftContext } from './swift-context.ts';
import type { SwiftParameters } from './swift-parameters.ts';
import { StorageError } from '@longshore/storage';

/** Keys are read again after this: whoever changes one does not have to tell us. Proxies of Swift keep them for about as long. Milliseconds. */
const keyStands = 60_000;

type TempUrlParameters = Pick<
  SwiftParameters,
  'secretkey' | 'accesskey' | 'tempurlcontainerkey' | 'tempurlmethods' | 'tenantid'
>;

/** Whose key it is: the account's, or the container's (its name is the path). */
interface Holder {
  readonly path: string;
  readonly header: string;
}

/** Signs URLs that are good for a while without a token (Swift's tempurl middleware). */
export class TempUrls {
  readonly #context: SwiftContext;
  readonly #parameters: TempUrlParameters;
  #known: { readonly key: string | undefined; readonly until: number } | undefined;

  constructor(context: SwiftContext, parameters: TempUrlParameters) {
    this.#context = context;
    this.#parameters = parameters;
  }

  /** @returns undefined where the service has no such URLs, serves no reads with them, or lets nobody see or set a key */
  async sign(
    name: string,
    { method, expires }: { method: 'GET' | 'HEAD'; expires: number },
  ): Promise<string | undefined> {
    const features = await this.#context.run({}, (_, known) => Promise.resolve(known));
    const methods = this.#parameters.tempurlmethods ?? features.tempUrlMethods;
    // What may be got may be looked at with the same signature.
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

  /** HP's cloud had keys by name. */
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

  /** The key that is told, or the one that is there, or a new one; the container's is preferred, since it opens less. */
  async #found({ hasContainerKeys }: SwiftFeatures): Promise<string | undefined> {
    const { secretkey, tempurlcontainerkey } = this.#parameters;
    const account: Holder = { path: '', header: 'x-account-meta-temp-url-key' };
    const container: Holder = { path: this.#context.container.name, header: 'x-container-meta-temp-url-key' };
    const holders = tempurlcontainerkey || hasContainerKeys ? [container, account] : [account];
    const [preferred = account] = holders;
    const there = await this.#keysOf(holders);
    if (secretkey !== undefined) {
      // One that may not set it may still have been told it: by somebody who has.
      if (!there.includes(secretkey)) await this.#set(preferred, secretkey);
      return secretkey;
    }
    if (there[0] !== undefined) return there[0];
    if (!(await this.#set(preferred, randomBytes(32).toString('hex')))) return undefined;
    // Another replica may have set its own at the same time: the last one counts, for both.
    return (await this.#keysOf([preferred]))[0];
  }

  async #keysOf(holders: readonly Holder[]): Promise<readonly string[]> {
    const keys = holders.map(async ({ path, header }) => {
      const answer = await this.#ask({ method: 'HEAD', path });
      return [answer.header(header), answer.header(`${header}-2`)].filter((key) => key !== undefined);
    });
    return (await Promise.all(keys)).flat();
  }

  /** @returns false when it may not be set */
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
      // To see is not to be able to set.
      if (answer.status !== 403 || call.method === 'HEAD') return answer;
      const reason = 'a key for temporary URLs may not be set';
      throw new StorageError('denied', { driver: 'swift', reason });
    });
  }
}
