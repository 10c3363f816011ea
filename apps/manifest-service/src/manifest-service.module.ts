import {
  Bus,
  deleteManifest,
  getManifest,
  listReferrers,
  listRepositories,
  listTags,
  putManifest,
} from '@longshore/messaging';
import { type DynamicModule, Module, type OnModuleInit } from '@nestjs/common';
import { DiscoveryService } from './discovery/discovery.service.ts';
import { ManifestSettings } from './manifest-settings.ts';
import { ManifestEvents } from './manifests/manifest-events.ts';
import { ManifestParser } from './manifests/manifest-parser.ts';
import { ManifestsService } from './manifests/manifests.service.ts';
import { PullRecords } from './manifests/pull-records.ts';
import { PullsService } from './manifests/pulls.service.ts';

/** Manifests, tags, referrers and the catalog, served on the bus. The importing process provides the Bus and the Database. */
@Module({})
export class ManifestServiceModule implements OnModuleInit {
  static register(settings: ManifestSettings): DynamicModule {
    return {
      module: ManifestServiceModule,
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

  constructor(
    private readonly bus: Bus,
    private readonly manifests: ManifestsService,
    private readonly pulls: PullsService,
    private readonly discovery: DiscoveryService,
  ) {}

  onModuleInit(): void {
    this.bus.serve(getManifest, (query) => this.pulls.get(query));
    this.bus.serve(putManifest, (push) => this.manifests.put(push));
    this.bus.serve(deleteManifest, (removal) => this.manifests.delete(removal));
    this.bus.serve(listTags, (query) => this.discovery.tags(query));
    this.bus.serve(listRepositories, (query) => this.discovery.repositories(query));
    this.bus.serve(listReferrers, (query) => this.discovery.referrers(query));
  }
}
