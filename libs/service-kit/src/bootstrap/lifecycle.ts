import { Injectable, type OnApplicationShutdown } from '@nestjs/common';

/** Closes everything that a process has opened, in reverse order: users before the things that they use. */
@Injectable()
export class Lifecycle implements OnApplicationShutdown {
  readonly #closers: { readonly name: string; readonly close: () => Promise<void> }[] = [];

  onClose(name: string, close: () => Promise<void>): void {
    this.#closers.push({ name, close });
  }

  /** Closes everything, even after a failure. @throws AggregateError with all failures */
  async onApplicationShutdown(): Promise<void> {
    const failures: Error[] = [];
    for (const { name, close } of this.#closers.splice(0).toReversed()) {
      try {
        // The order is the contract: each user ends before the things that it uses.
        await close();
      } catch (error) {
        failures.push(new Error(`closing ${name} failed`, { cause: error }));
      }
    }
    if (failures.length > 0)
      throw new AggregateError(failures, failures.map(({ message }) => message).join('; '));
  }
}
