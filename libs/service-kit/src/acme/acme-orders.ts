import { axios, Client, crypto } from 'acme-client';
import type { Configuration } from '@longshore/configuration';
import { type LoopOptions, runLoop } from '../loop/run-loop.ts';
import type { ServiceLog } from '../observation/service-log.ts';
import { type AcmeFolder, type ChallengeKind, isDue } from './acme-folder.ts';

export type AcmeSettings = NonNullable<NonNullable<Configuration['http']['tls']>['letsencrypt']>;

type Authorization = Awaited<ReturnType<Client['getAuthorizations']>>[number];

/** Milliseconds until the second attempt. It doubles with each failure: Let's Encrypt takes five failed ones of a host in an hour. */
const firstPause = 5 * 60_000;
const longestPause = 6 * 3_600_000;

/** Milliseconds until the state of an order is asked for again. It doubles. */
const backoffMin = 1000;

// The library tries again for more than a minute after a connection failed, and then loses the reason in a TypeError. Our own pauses are long enough.
axios.interceptors.response.clear();
axios.interceptors.response.use(undefined, (failure: { readonly response?: unknown }) =>
  failure.response === undefined ? Promise.reject(failure) : failure.response,
);

/** Milliseconds of an order. Less than the age at which another replica takes its lock away. */
const longestOrder = 10 * 60_000;
/** Bytes. A chain is a few thousand. */
const longestAnswer = 1024 * 1024;

export interface OrderTimes {
  /** Milliseconds between two looks at the certificate. */
  readonly interval: number;
  readonly firstPause: number;
  /** Longest silence of the authority. */
  readonly silence: number;
}

const usualTimes: OrderTimes = { interval: 30_000, firstPause, silence: 30_000 };

/** Orders certificates from an ACME server (RFC 8555): the first one, and the next one when the last third of its life begins. */
export class AcmeOrders {
  constructor(
    private readonly settings: AcmeSettings,
    private readonly folder: AcmeFolder,
    private readonly log: Pick<ServiceLog, 'info' | 'error'>,
    private readonly times = usualTimes,
  ) {}

  /** Looks and orders until the signal aborts. The folder keeps replicas from ordering at the same time. */
  run(signal: AbortSignal): Promise<void> {
    const step: LoopOptions['step'] = async () => {
      const { failed, next } = await this.folder.attempts();
      if (next <= Date.now() && (await this.#isDue())) await this.folder.alone(() => this.#attempt(failed));
      return 'idle';
    };
    const report = (fault: unknown): void =>
      this.log.error(fault, 'the folder of http.tls.letsencrypt cannot be used');
    return runLoop({ step, interval: this.times.interval, signal, failed: report });
  }

  async #isDue(): Promise<boolean> {
    return isDue(await this.folder.certificate(), this.settings.hosts);
  }

  async #attempt(failedBefore: number): Promise<void> {
    // Another replica may have ordered between the look and the lock.
    if (!(await this.#isDue())) return;
    try {
      await this.#order();
      await this.folder.keepAttempts({ failed: 0, next: 0 });
      this.log.info('a certificate was issued by ACME', { hosts: this.settings.hosts });
    } catch (fault) {
      const failed = failedBefore + 1;
      const pause = Math.min(longestPause, this.times.firstPause * 2 ** (failed - 1));
      await this.folder.keepAttempts({ failed, next: Date.now() + pause });
      this.log.error(
        fault,
        `no certificate was issued by ACME; the next attempt is in ${Math.round(pause / 1000)} s`,
      );
    }
  }

  async #order(): Promise<void> {
    const { hosts } = this.settings;
    // The library has one HTTP client, and it waits for ever. Only one order runs in a process.
    Object.assign(axios.defaults, {
      timeout: this.times.silence,
      maxContentLength: longestAnswer,
      signal: AbortSignal.timeout(longestOrder),
    });
    const client = await this.#client();
    const order = await client.createOrder({
      identifiers: hosts.map((value) => ({ type: 'dns', value })),
    });
    for (const authorization of await client.getAuthorizations(order))
      if (authorization.status !== 'valid') await this.#prove(client, authorization);
    const [key, request] = await crypto.createCsr(
      { altNames: [...hosts] },
      await crypto.createPrivateEcdsaKey(),
    );
    const chain = await client.getCertificate(await client.finalizeOrder(order, request));
    await this.folder.keepCertificate(`${key.toString().trim()}\n${chain}`);
  }

  /** Proves that a host leads here. */
  async #prove(client: Client, authorization: Authorization): Promise<void> {
    const kind: ChallengeKind = this.settings.challenge;
    const host = authorization.identifier.value;
    const challenge = authorization.challenges.find(({ type }) => type === kind);
    if (challenge === undefined) throw new Error(`the ACME server offers no ${kind} for ${host}`);
    const proof = await client.getChallengeKeyAuthorization(challenge);
    const name = kind === 'http-01' ? challenge.token : host;
    await this.folder.publish(
      kind,
      name,
      kind === 'http-01' ? proof : await proofCertificate(authorization, proof),
    );
    try {
      await client.completeChallenge(challenge);
      await client.waitForValidStatus(challenge);
    } finally {
      await this.folder.withdraw(kind, name);
    }
  }

  /** Returns the client of the account, which it makes the first time. */
  async #client(): Promise<Client> {
    const { directoryurl: directoryUrl, email } = this.settings;
    const known = await this.folder.account(directoryUrl);
    if (known !== undefined)
      return new Client({ directoryUrl, backoffMin, accountKey: known.key, accountUrl: known.url });
    const key = (await crypto.createPrivateEcdsaKey()).toString();
    const client = new Client({ directoryUrl, backoffMin, accountKey: key });
    await client.createAccount({
      termsOfServiceAgreed: true,
      ...(email === undefined ? {} : { contact: [`mailto:${email}`] }),
    });
    await this.folder.keepAccount(directoryUrl, { key, url: client.getAccountUrl() });
    return client;
  }
}

/** The self-signed certificate that answers tls-alpn-01 (RFC 8737), and its key. */
async function proofCertificate(authorization: Authorization, proof: string): Promise<string> {
  const [key, certificate] = await crypto.createAlpnCertificate(authorization, proof);
  return `${key.toString().trim()}\n${certificate.toString()}`;
}
