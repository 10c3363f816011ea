import { setTimeout as sleep } from 'node:timers/promises';
import { type Answer, type Image, RegistryClient, tinyImage, uniqueRepository } from '@longshore/testing';

export interface Pushed {
  readonly repository: string;
  readonly tag: string;
  readonly image: Image;
}

export interface LoadOptions {
  readonly origin: string;
  readonly writers?: number;
  readonly readers?: number;
  /** Attempts for a push of a layer, a push of a manifest or a pull, before it counts as failed. */
  readonly attempts?: number;
}

export interface LoadResult {
  readonly requests: number;
  /** Failures of clients, with their messages. */
  readonly failures: readonly string[];
  readonly acknowledged: readonly Pushed[];
  readonly pulls: number;
  /** Steps that a client had to repeat. */
  readonly retries: number;
}

interface Content {
  readonly bytes: Uint8Array;
  readonly mediaType: string;
}

/** Clients that push images, pull them back and compare every byte, until they are stopped. */
export class Load {
  readonly #client: RegistryClient;
  readonly #attempts: number;
  readonly #repository = uniqueRepository('load');
  readonly #running: Promise<void>;
  readonly #acknowledged: Pushed[] = [];
  readonly #failures: string[] = [];
  #requests = 0;
  #pulls = 0;
  #retries = 0;
  #stopping = false;

  constructor({ origin, writers = 2, readers = 2, attempts = 1 }: LoadOptions) {
    this.#client = new RegistryClient(origin);
    this.#attempts = attempts;
    const workers = [
      ...Array.from({ length: writers }, (_, index) => this.#write(index)),
      ...Array.from({ length: readers }, () => this.#read()),
    ];
    this.#running = Promise.all(workers).then(() => undefined);
  }

  /** Waits for running steps to end. */
  async stop(): Promise<LoadResult> {
    this.#stopping = true;
    await this.#running;
    return {
      requests: this.#requests,
      failures: this.#failures,
      acknowledged: this.#acknowledged,
      pulls: this.#pulls,
      retries: this.#retries,
    };
  }

  async #write(worker: number): Promise<void> {
    for (let round = 0; !this.#stopping; round += 1) {
      const tag = `t-${worker}-${round}`;
      const pushed = {
        repository: this.#repository,
        tag,
        image: tinyImage({ content: `${this.#repository} ${tag}`, layers: 2 }),
      };
      if (await this.#push(pushed)) this.#acknowledged.push(pushed);
      await sleep(20);
    }
  }

  async #push({ repository, tag, image }: Pushed): Promise<boolean> {
    const blobs = image.blobs.map((blob) =>
      this.#patiently(`push of a layer of ${tag}`, async () => {
        const started = await this.#ask(202, 'POST', `/v2/${repository}/blobs/uploads/`);
        const location = this.#client.locationOf(started);
        const path = `${location}${location.includes('?') ? '&' : '?'}digest=${blob.digest}`;
        await this.#ask(201, 'PUT', path, { bytes: blob.bytes, mediaType: 'application/octet-stream' });
      }),
    );
    if ((await Promise.all(blobs)).includes(false)) return false;
    return this.#patiently(`push of ${tag}`, async () => {
      await this.#ask(201, 'PUT', `/v2/${repository}/manifests/${tag}`, image);
    });
  }

  async #read(): Promise<void> {
    while (!this.#stopping) {
      const pushed = this.#acknowledged[Math.floor(Math.random() * this.#acknowledged.length)];
      if (pushed !== undefined) {
        await this.#patiently(`pull of ${pushed.tag}`, () => this.#pull(pushed));
        this.#pulls += 1;
      }
      await sleep(20);
    }
  }

  async #pull({ repository, tag, image }: Pushed): Promise<void> {
    const manifest = await this.#ask(200, 'GET', `/v2/${repository}/manifests/${tag}`);
    if (!manifest.body.equals(image.bytes)) throw new Error('another manifest');
    for (const { digest, bytes } of image.blobs) {
      const blob = await this.#ask(200, 'GET', `/v2/${repository}/blobs/${digest}`);
      if (!blob.body.equals(bytes)) throw new Error(`other bytes under ${digest}`);
    }
  }

  /** Retries like docker: the whole step, up to so many attempts, with a pause that grows by five seconds. */
  async #patiently(what: string, step: () => Promise<void>): Promise<boolean> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await step();
        return true;
      } catch (error) {
        if (attempt >= this.#attempts) {
          this.#failures.push(
            `${new Date().toISOString()} ${what}: ${error instanceof Error ? error.message : String(error)}`,
          );
          return false;
        }
        this.#retries += 1;
        await sleep(attempt * 5000);
      }
    }
  }

  async #ask(status: number, method: string, path: string, content?: Content): Promise<Answer> {
    this.#requests += 1;
    const options =
      content === undefined ? {} : { body: content.bytes, headers: { 'content-type': content.mediaType } };
    const answer = await this.#client.send(method, path, options);
    if (answer.status !== status)
      throw new Error(`${method} ${path} answered ${answer.status}: ${answer.body.toString().slice(0, 300)}`);
    return answer;
  }
}

/** Returns the acknowledged images that are not there, byte for byte. */
export async function missing(origin: string, acknowledged: readonly Pushed[]): Promise<string[]> {
  const client = new RegistryClient(origin);
  const waiting = acknowledged.values();
  const lost: string[] = [];
  const look = async (): Promise<void> => {
    // The workers share one iterator: each takes the next image.
    for (const pushed of waiting) lost.push(...(await lostOf(client, pushed)));
  };
  await Promise.all(Array.from({ length: 8 }, look));
  return lost;
}

async function lostOf(client: RegistryClient, { repository, tag, image }: Pushed): Promise<string[]> {
  const parts = [
    { path: `manifests/${tag}`, bytes: image.bytes },
    ...image.blobs.map(({ digest, bytes }) => ({ path: `blobs/${digest}`, bytes })),
  ];
  const answers = await Promise.all(parts.map(({ path }) => client.get(`/v2/${repository}/${path}`)));
  return answers.flatMap(({ status, body }, index) => {
    const part = parts[index];
    return part !== undefined && body.equals(part.bytes) ? [] : [`${tag}: ${part?.path ?? ''} (${status})`];
  });
}
