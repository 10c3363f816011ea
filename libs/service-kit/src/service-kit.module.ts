import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER, DiscoveryModule } from '@nestjs/core';
import { AccessControl } from './access/access-control.ts';
import { ControllerTable } from './endpoints/controller-table.ts';
import { EndpointTable } from './endpoints/endpoint-table.ts';
import { AliveController } from './http/alive.controller.ts';
import { Clients } from './http/clients.ts';
import { Door } from './http/door.ts';
import { DoorSettings } from './http/door-settings.ts';
import { FaultFilter } from './http/fault.filter.ts';
import { Front } from './http/front.ts';
import { FrontSettings } from './http/front-settings.ts';
import { RegistryDoor } from './http/registry-door.ts';
import { Transfers, unlimited } from './http/transfers.ts';

/**
 * The front of a process that listens, with the door to /v2 behind it and the providers of Nest's controllers. The importing module provides the
 * Authenticator, Rights, RateLimits, the RequestObserver and the ServiceLog, globally.
 */
@Module({})
export class ServiceKitModule {
  static forRoot({
    front = new FrontSettings(),
    door = new DoorSettings(),
    transfers = new Transfers(unlimited),
  }: {
    readonly front?: FrontSettings;
    readonly door?: DoorSettings;
    readonly transfers?: Transfers;
  } = {}): DynamicModule {
    return {
      module: ServiceKitModule,
      global: true,
      imports: [DiscoveryModule],
      controllers: [AliveController],
      providers: [
        AccessControl,
        ControllerTable,
        EndpointTable,
        Clients,
        Front,
        { provide: Door, useClass: RegistryDoor },
        { provide: APP_FILTER, useClass: FaultFilter },
        { provide: DoorSettings, useValue: door },
        { provide: FrontSettings, useValue: front },
        { provide: Transfers, useValue: transfers },
      ],
      exports: [AccessControl, EndpointTable, Front],
    };
  }
}
