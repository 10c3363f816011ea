import { Injectable } from '@nestjs/common';
import { METHOD_METADATA } from '@nestjs/common/constants.js';
import { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import type { ControllerRoute } from '@longshore/oci';
import { accessMetadata } from '../access/route-of.ts';

/** The rows of the table of routes that the Nest controllers of this process answer. */
@Injectable()
export class ControllerTable {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly reflector: Reflector,
  ) {}

  /** Returns every row that a method answers. @throws Error for a method that answers HTTP and names no row: its access would be undefined */
  rows(): ReadonlySet<ControllerRoute> {
    const rows = new Set<ControllerRoute>();
    for (const { instance, metatype } of this.discovery.getControllers()) {
      const prototype: Record<string, unknown> = Object.getPrototypeOf(instance);
      for (const name of this.scanner.getAllMethodNames(prototype)) {
        const method = prototype[name];
        if (typeof method !== 'function' || !Reflect.hasMetadata(METHOD_METADATA, method)) continue;
        const targets = metatype === null ? [method] : [method, metatype];
        const row = this.reflector.getAllAndOverride<ControllerRoute | undefined>(accessMetadata, targets);
        if (row === undefined) throw new Error(`${metatype?.name}.${name} answers HTTP and has no @Access`);
        rows.add(row);
      }
    }
    return rows;
  }
}
