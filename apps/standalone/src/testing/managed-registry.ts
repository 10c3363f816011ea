import { loadConfiguration } from '@longshore/configuration';
import {
  addFirstAdministrator,
  addUser,
  changePassword,
  passwordHash,
  transact,
  type Database,
} from '@longshore/metadata';
import { migratedDatabase } from '@longshore/metadata/testing';
import { startService } from '@longshore/service-kit';
import { freePort } from '@longshore/testing';
import { standaloneDefinition } from '../compose-standalone.ts';
import { describedAnswers } from './described-answers.ts';

export const password = 'a long enough password';
export const basic = (name: string, secret: string = password): string =>
  `Basic ${Buffer.from(`${name}:${secret}`).toString('base64')}`;

export interface Asked {
  readonly method?: string;
  /** The header Authorization. Default: the administrator's. */
  readonly as?: string | undefined;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as it is. */
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  // oxlint-disable-next-line no-explicit-any -- tests look into answers of many forms, and the document says which
  readonly body: any;
}

/** A registry with accounts in its database: the administrator `root` and the user `ann`, with the same password. */
export class ManagedRegistry {
  readonly origin: string;
  readonly database: Database;
  readonly close: () => Promise<void>;
  readonly #requireDescribed = describedAnswers();

  private constructor(origin: string, database: Database, close: () => Promise<void>) {
    this.origin = origin;
    this.database = database;
    this.close = close;
  }

  static async start(configuration: object = {}): Promise<ManagedRegistry> {
    const postgres = await migratedDatabase();
    const port = await freePort();
    const settings = {
      storage: { inmemory: {} },
      log: { level: 'error' },
      http: { addr: `127.0.0.1:${port}`, secret: 'secret of a test' },
      auth: { token: {}, database: {} },
      ...configuration,
    };
    const config = loadConfiguration({ environment: {}, defaults: { version: '0.1', ...settings } });
    await addPeople(postgres.database);
    const service = await startService(standaloneDefinition(postgres.url), config);
    return new ManagedRegistry(`http://127.0.0.1:${port}`, postgres.database, async () => {
      await service.close();
      await postgres.drop();
    });
  }

  /** Asks, and compares the answer with the OpenAPI document. */
  async ask(path: string, { method = 'GET', as, json, text, headers }: Asked = {}): Promise<Answered> {
    const authorization = as ?? basic('root');
    const body = text ?? (json === undefined ? undefined : JSON.stringify(json));
    const answer = await fetch(`${this.origin}/api/v1/${path}`, {
      method,
      headers: {
        ...(authorization !== '' && { authorization }),
        ...(json !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body }),
    });
    const sent = await answer.text();
    const document: unknown = sent === '' ? undefined : JSON.parse(sent);
    this.#requireDescribed({ method, path: `/api/v1/${path.replace(/\?.*/, '')}`, answer, document });
    return { status: answer.status, headers: answer.headers, body: document };
  }
}

async function addPeople({ db }: Database): Promise<void> {
  const hash = await passwordHash(password);
  await transact(db, async (tx) => {
    await addFirstAdministrator(tx, { name: 'root', passwordHash: hash });
    await changePassword(tx, 'root', { hash });
    return addUser(tx, { name: 'ann', passwordHash: hash });
  });
}
