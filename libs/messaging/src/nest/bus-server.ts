import { Server, type CustomTransportStrategy, type MessageHandler } from '@nestjs/microservices';
import { isObservable, lastValueFrom } from 'rxjs';
import type { Bus } from '../bus.ts';
import type { Request } from '../request.ts';

/** Serves the `@Serves` methods of a Nest application on a bus: `app.connectMicroservice({ strategy })`. */
export class BusServer extends Server implements CustomTransportStrategy {
  readonly #bus: Bus;

  constructor(bus: Bus) {
    super();
    this.#bus = bus;
  }

  /** @throws Error when a handler has no contract: its pattern was not set by `@Serves`, or it handles events. */
  async listen(callback: (error?: unknown) => void): Promise<void> {
    try {
      for (const [subject, handler] of this.messageHandlers) this.#serve(subject, handler);
      await this.#bus.start();
      callback();
    } catch (error) {
      callback(error);
    }
  }

  async close(): Promise<void> {
    await this.#bus.close();
  }

  on(event: string): void {
    throw new Error(`a bus has no event ${event}`);
  }

  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- Nest's signature: the caller says what it is
  unwrap<T>(): T {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above
    return this.#bus as T;
  }

  #serve(subject: string, handler: MessageHandler<unknown, unknown, unknown>): void {
    const contract: unknown = handler.extras?.['contract'];
    if (handler.isEventHandler === true || !isContract(contract))
      throw new Error(`${subject} has no contract`);
    this.#bus.serve(contract, async (question, context) => {
      const answer: unknown = await handler(question, context);
      return isObservable(answer) ? lastValueFrom(answer) : answer;
    });
  }
}

function isContract(value: unknown): value is Request<unknown, unknown> {
  return typeof value === 'object' && value !== null && 'subject' in value && 'deadlineMs' in value;
}
