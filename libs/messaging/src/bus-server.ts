import type { CustomTransportStrategy } from '@nestjs/microservices';
import type { Bus } from './bus.ts';

/**
 * A bus as the transport of a Nest application: it starts to serve when all modules are ready, and drains when the application closes. Modules
 * register their handlers with `bus.serve`.
 */
export class BusServer implements CustomTransportStrategy {
  readonly #bus: Bus;

  constructor(bus: Bus) {
    this.#bus = bus;
  }

  async listen(callback: (error?: unknown) => void): Promise<void> {
    try {
      await this.#bus.start();
    } catch (error) {
      callback(error);
      return;
    }
    callback();
  }

  close(): Promise<void> {
    return this.#bus.close();
  }

  /** @throws Error for every method with Nest's `@MessagePattern`: without a contract the bus knows neither its deadline nor its limits */
  addHandler(pattern: unknown): never {
    throw new Error(`${String(pattern)} has no contract: register it with bus.serve`);
  }
}
