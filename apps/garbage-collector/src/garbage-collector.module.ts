import { type DynamicModule, Module } from '@nestjs/common';
import { CollectorSettings } from './collector-settings.ts';
import { CollectorService } from './reviews/collector.service.ts';
import { CollectorWorker } from './reviews/collector.worker.ts';
import { SecondLook } from './suspects/second-look.service.ts';

/** Online garbage collection. The importing process provides Database and StorageDriver. */
@Module({})
export class GarbageCollectorModule {
  static register(settings: CollectorSettings): DynamicModule {
    return {
      module: GarbageCollectorModule,
      providers: [
        CollectorService,
        CollectorWorker,
        SecondLook,
        { provide: CollectorSettings, useValue: settings },
      ],
    };
  }
}
