import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { eventually } from '@longshore/testing';
import { target } from './target.ts';

export interface ReceivedEvent {
  readonly id: string;
  readonly timestamp: string;
  readonly action: string;
  readonly target: Readonly<Record<string, unknown>>;
  readonly request: Readonly<Record<string, string>>;
  readonly actor: Readonly<Record<string, string>>;
  readonly source: Readonly<Record<string, string>>;
}

/** The webhook of the runner's configuration. */
export class WebhookReceiver {
  readonly requests: IncomingHttpHeaders[] = [];
  /** Status of its answers. Only events answered with 200 count as received. */
  status = 200;
  readonly #events: ReceivedEvent[] = [];
  #server: Server | undefined;

  async listen(): Promise<void> {
    const port = Number(await readFile(join(target.home, 'webhook-port'), 'utf8'));
    this.#server = createServer((request, response) => void this.#receive(request, response)).listen(
      port,
      '127.0.0.1',
    );
    await once(this.#server, 'listening');
  }

  close(): void {
    this.#server?.close();
    this.#server?.closeAllConnections();
  }

  eventsOf(repository: string, action: string): ReceivedEvent[] {
    return this.#events.filter(
      (event) => event.action === action && event.target['repository'] === repository,
    );
  }

  /** Waits for the event, which may be late: a killed replica's events wait for the stream's redelivery and the relay's lease. */
  event(repository: string, action: string, digest: string): Promise<ReceivedEvent> {
    return eventually(() => {
      const event = this.eventsOf(repository, action).find(
        (candidate) => candidate.target['digest'] === digest,
      );
      if (event === undefined)
        throw new Error(
          `no ${action} of ${digest} among ${this.#events.length}: ${JSON.stringify(this.#events.slice(-3))}`,
        );
      return event;
    }, 150_000);
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const envelope: { events: ReceivedEvent[] } = JSON.parse(await text(request));
    this.requests.push(request.headers);
    if (this.status === 200) this.#events.push(...envelope.events);
    response.writeHead(this.status).end();
  }
}
