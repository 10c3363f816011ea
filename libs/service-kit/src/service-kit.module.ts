import { type DynamicModule, Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { EndpointTable } from './endpoints/endpoint-table.ts';
import { TrustedProxies } from './http/client-facts.ts';
import { DoorSettings } from './http/door-settings.ts';
import { RegistryDoor } from './http/registry-door.ts';

/** The door to /v2. The importing module provides the AccessGuard and the RequestObserver, globally. */
@Module({})
export class ServiceKitModule {
  static forRoot({
    trustedProxies,
    door = new DoorSettings(),
  }: {
    readonly trustedProxies: readonly string[];
    readonly door?: DoorSettings;
  }): DynamicModule {
    return {
      module: ServiceKitModule,
      global: true,
      imports: [DiscoveryModule],
      providers: [
        EndpointTable,
        RegistryDoor,
        { provide: DoorSettings, useValue: door },
        { provide: TrustedProxies, useValue: new TrustedProxies(trustedProxies) },
      ],
      exports: [EndpointTable, RegistryDoor, TrustedProxies],
    };
  }
}
