import { readFile } from 'node:fs/promises';
import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import { unavailable } from '@longshore/oci';
import { Client, ResultCodeError } from 'ldapts';

export interface DirectorySettings {
  readonly urls: readonly string[];
  readonly starttls: boolean;
  /** File with PEM certificates of authorities. */
  readonly ca?: string | undefined;
  /** Milliseconds for one conversation with one server. */
  readonly deadline: number;
}

/** The servers of a directory. Each conversation has a connection of its own, so that the rights of one never serve another. */
export class Directory {
  readonly #settings: DirectorySettings;

  constructor(settings: DirectorySettings) {
    this.#settings = settings;
  }

  /**
   * Runs a conversation with the first server that answers. It may run again with the next one, so it must not change anything.
   * @throws OciError UNAVAILABLE if no server answers in time, or if one refuses what the conversation needs
   */
  async converse<T>(conversation: (client: Client) => Promise<T>): Promise<T> {
    const failures: unknown[] = [];
    for (const url of this.#settings.urls) {
      try {
        return await this.#converseWith(url, conversation);
      } catch (error) {
        failures.push(error);
        if (error instanceof ResultCodeError && !isServerTrouble(error)) break;
      }
    }
    const cause = new AggregateError(failures, failures.map(messageOf).join('; '));
    throw unavailable({ reason: 'the directory does not answer' }, 5, { cause });
  }

  async #converseWith<T>(url: string, conversation: (client: Client) => Promise<T>): Promise<T> {
    const { deadline, starttls } = this.#settings;
    const { hostname } = new URL(url);
    const host = hostname.replaceAll(/[[\]]/g, '');
    const tls: ConnectionOptions = {
      host,
      minVersion: 'TLSv1.2',
      ...(isIP(host) === 0 && { servername: host }),
      ...(await this.#authorities()),
    };
    const line = new SingleLine();
    const client = new Client({
      url,
      connectTimeout: deadline,
      timeout: deadline,
      strictDN: false,
      ...line.hooks,
      ...(url.startsWith('ldaps:') && { tlsOptions: tls }),
    });
    const tooLate = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      line.cut();
      tooLate.reject(new Error(`${host} did not answer within ${deadline} ms`));
    }, deadline);
    try {
      const whole = async (): Promise<T> => {
        if (starttls) await client.startTLS(tls);
        return conversation(client);
      };
      return await Promise.race([whole(), tooLate.promise]);
    } finally {
      clearTimeout(timer);
      line.cut();
    }
  }

  async #authorities(): Promise<ConnectionOptions> {
    return this.#settings.ca === undefined ? {} : { ca: await readFile(this.#settings.ca) };
  }
}

/**
 * Lets a client connect once. The client would connect again by itself after a lost connection, and then send a password in the clear that StartTLS
 * protected before.
 */
class SingleLine {
  #socket: Socket | undefined;

  readonly hooks = {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the client calls it with a port and a host only, so the other signatures of `connect` are not needed
    createConnection: ((port: number, host: string): Socket =>
      this.#only(() => connect(port, host))) as typeof connect,
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it calls this with a port, a host and options, or with the options for a socket that it has
    createSecureConnection: ((...parameters: [number, string, ConnectionOptions] | [ConnectionOptions]) =>
      parameters.length === 1
        ? connectTls(parameters[0])
        : this.#only(() => connectTls(...parameters))) as typeof connectTls,
  };

  cut(): void {
    this.#socket?.destroy();
  }

  #only<T extends Socket>(open: () => T): T {
    if (this.#socket !== undefined) throw new Error('the connection to the directory was lost');
    const socket = open();
    this.#socket = socket;
    return socket;
  }
}

/** busy, unavailable, other: the next server may answer. */
const isServerTrouble = ({ code }: ResultCodeError): boolean => [51, 52, 80].includes(code);

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
