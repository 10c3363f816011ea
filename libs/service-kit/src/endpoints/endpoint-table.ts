import { Injectable } from '@nestjs/common';
import { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import type { RouteId } from '@longshore/oci';
import { endpointMetadata, type EndpointHandler } from './endpoint.decorator.ts';

/** The handler of each route in this process, read once from Nest's providers. */
@Injectable()
export class EndpointTable {
  readonly #handlers = new Map<RouteId, EndpointHandler>();

  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly reflector: Reflector,
  ) {}

  /** @throws Error if two handlers claim one route */
  load(): void {
    for (const { instance } of this.discovery.getProviders()) {
      if (typeof instance === 'object' && instance !== null) this.#register(instance);
    }
  }

  find(id: RouteId): EndpointHandler | undefined {
    return this.#handlers.get(id);
  }

  #register(instance: Record<string, unknown>): void {
    const prototype: object | null = Object.getPrototypeOf(instance);
    if (prototype === null) return;
    for (const method of this.scanner.getAllMethodNames(prototype)) {
      const handler = instance[method];
      if (typeof handler !== 'function') continue;
      const ids = this.reflector.get<readonly RouteId[] | undefined>(endpointMetadata, handler) ?? [];
      for (const id of ids) {
        if (this.#handlers.has(id))
          throw new Error(`two handlers claim the route ${id}; the second is ${method}`);
        const bound: EndpointHandler = handler.bind(instance);
        this.#handlers.set(id, bound);
      }
    }
  }
}
