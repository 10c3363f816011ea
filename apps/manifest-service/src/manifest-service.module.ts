import { type DynamicModule, Module } from '@nestjs/common';
import { DiscoveryController } from './discovery/discovery.controller.ts';
import { DiscoveryService } from './discovery/discovery.service.ts';
import { ManifestSettings } from './manifest-settings.ts';
import { ManifestEvents } from './manifests/manifest-events.ts';
import { ManifestParser } from './manifests/manifest-parser.ts';
import { ManifestsController } from './manifests/manifests.controller.ts';
import { ManifestsService } from './manifests/manifests.service.ts';
import { PullRecords } from './manifests/pull-records.ts';
import { PullsService } from './manifests/pulls.service.ts';

/** Manifests, tags, referrers and the catalog, served on the bus. The Database is the importing process's. */
@Module({})
export class ManifestServiceModule {
  static register(settings: ManifestSettings): DynamicModule {
    return {
      module: ManifestServiceModule,
      controllers: [ManifestsController, DiscoveryController],
      providers: [
        ManifestsService,
        ManifestEvents,
        ManifestParser,
        PullRecords,
        PullsService,
        DiscoveryService,
        { provide: ManifestSettings, useValue: settings },
      ],
    };
  }
}
