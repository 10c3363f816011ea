import { type DynamicModule, Module } from '@nestjs/common';
import { BlobSettings } from './blob-settings.ts';
import { translateFaults } from '@longshore/service-kit';
import { BlobEndpoints } from './blobs/blobs.endpoints.ts';
import { BlobReader } from './blobs/blob-reader.ts';
import { BlobsService } from './blobs/blobs.service.ts';
import { Suspicions } from './blobs/suspicions.service.ts';
import { BlobEvents } from './events/blob-events.ts';
import { storageRefusal } from './storage-faults.ts';
import { MountsService } from './mounts/mounts.service.ts';
import { UploadEndpoints } from './uploads/uploads.endpoints.ts';
import { UploadSeries } from './uploads/upload-series.ts';
import { UploadsService } from './uploads/uploads.service.ts';

/** Blobs and uploads, without adapters: the importing process provides Database, StorageDriver, Authenticator and Rights. */
@Module({})
export class BlobServiceModule {
  static register(settings: BlobSettings): DynamicModule {
    translateFaults(storageRefusal);
    return {
      module: BlobServiceModule,
      providers: [
        BlobEndpoints,
        BlobsService,
        BlobReader,
        Suspicions,
        UploadEndpoints,
        UploadSeries,
        UploadsService,
        MountsService,
        BlobEvents,
        { provide: BlobSettings, useValue: settings },
      ],
    };
  }
}
