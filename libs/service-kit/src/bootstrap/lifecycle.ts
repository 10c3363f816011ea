import { Injectable, type OnApplicationShutdown } from '@nestjs/common';

/** What a process has opened, closed in the reverse order when it ends: first whoever asks, then whatever is asked. */
@Injectable()
export class Lifecycle implements OnApplicationShutdown {
  readonly #closers: { readonly name: string; readonly close: () => Promise<void> }[] = [];

  onClose(name: string, close: () => Promise<void>): void {
    this.#closers.push({ name, close });
  }

  /** Everything is closed even if something fails to. @throws AggregateError naming what failed */
  async onApplicationShutdown(): Promise<void> {
    const failures: Error[] = [];
    for (const { name, close } of this.#closers.splice(0).toReversed()) {
      try {
        // The order is the contract: what asks ends before what it asks.
        await close();
      } catch (error) {
        failures.push(new Error(`closing ${name} failed`, { cause: error }));
      }
    }
    if (failures.length > 0)
      throw new AggregateError(failures, failures.map(({ message }) => message).join('; '));
  }
}
