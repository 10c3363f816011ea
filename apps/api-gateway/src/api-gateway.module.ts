import { type DynamicModule, Module } from '@nestjs/common';
import { DiscoveryEndpoints } from './discovery/discovery.endpoints.ts';
import { GatewaySettings } from './gateway-settings.ts';
import { KeysController } from './keys/keys.controller.ts';
import { LoginController } from './login/login.controller.ts';
import { ManagementController } from './management/management.controller.ts';
import { ManifestEndpoints } from './manifests/manifests.endpoints.ts';
import { BlobProxyEndpoints } from './proxy/blob-proxy.endpoints.ts';
import { ReplicaPulse } from './proxy/replica-pulse.ts';
import { ReplicaWatch } from './proxy/replica-watch.ts';
import { Upstreams } from './proxy/upstreams.ts';
import { TokenController } from './tokens/token.controller.ts';
import { VersionEndpoints } from './version/version.endpoints.ts';

export interface GatewayOptions {
  readonly settings: GatewaySettings;
  /** Addresses of blob-service. Absent: blob-service's own module serves the blob routes in this process. */
  readonly blobServices?: readonly string[];
}

/** The public door without its adapters: the importing process provides the Bus, the Authenticator and Rights. */
@Module({})
export class ApiGatewayModule {
  static register({ settings, blobServices }: GatewayOptions): DynamicModule {
    const proxy =
      blobServices === undefined
        ? []
        : [
            BlobProxyEndpoints,
            ReplicaPulse,
            ReplicaWatch,
            { provide: Upstreams, useValue: new Upstreams(blobServices) },
          ];
    return {
      module: ApiGatewayModule,
      controllers: [KeysController, LoginController, ManagementController, TokenController],
      providers: [
        ManifestEndpoints,
        DiscoveryEndpoints,
        VersionEndpoints,
        { provide: GatewaySettings, useValue: settings },
        ...proxy,
      ],
    };
  }
}
