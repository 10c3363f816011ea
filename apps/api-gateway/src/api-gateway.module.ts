import { type DynamicModule, Module } from '@nestjs/common';
import { DiscoveryController } from './discovery/discovery.controller.ts';
import { GatewaySettings } from './gateway-settings.ts';
import { ManifestsController } from './manifests/manifests.controller.ts';
import { BlobProxyController } from './proxy/blob-proxy.controller.ts';
import { ReplicaPulse } from './proxy/replica-pulse.ts';
import { ReplicaWatch } from './proxy/replica-watch.ts';
import { Upstreams } from './proxy/upstreams.ts';
import { TokenController } from './tokens/token.controller.ts';
import { VersionController } from './version/version.controller.ts';

export interface GatewayOptions {
  readonly settings: GatewaySettings;
  /** Where blob-service listens. Absent: blob-service's own module serves the blob routes in this process. */
  readonly blobServices?: readonly string[];
}

/** Everything of the public door but the adapters: the Bus and the AccessGuard are the importing process's. */
@Module({})
export class ApiGatewayModule {
  static register({ settings, blobServices }: GatewayOptions): DynamicModule {
    const proxy =
      blobServices === undefined
        ? []
        : [
            BlobProxyController,
            ReplicaPulse,
            ReplicaWatch,
            { provide: Upstreams, useValue: new Upstreams(blobServices) },
          ];
    return {
      module: ApiGatewayModule,
      controllers: [TokenController],
      providers: [
        ManifestsController,
        DiscoveryController,
        VersionController,
        { provide: GatewaySettings, useValue: settings },
        ...proxy,
      ],
    };
  }
}
