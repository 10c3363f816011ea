import { Controller } from '@nestjs/common';
import {
  deleteManifest,
  getManifest,
  type ManifestPush,
  type ManifestQuery,
  type ManifestRemoval,
  type PushedManifest,
  putManifest,
  type StoredManifest,
} from '@longshore/messaging';
import { Serves } from '@longshore/messaging/nest';
import { ManifestsService } from './manifests.service.ts';
import { PullsService } from './pulls.service.ts';

/** Manifests on the bus. */
@Controller()
export class ManifestsController {
  constructor(
    private readonly manifests: ManifestsService,
    private readonly pulls: PullsService,
  ) {}

  @Serves(getManifest)
  get(query: ManifestQuery): Promise<StoredManifest> {
    return this.pulls.get(query);
  }

  @Serves(putManifest)
  put(push: ManifestPush): Promise<PushedManifest> {
    return this.manifests.put(push);
  }

  @Serves(deleteManifest)
  delete(removal: ManifestRemoval): Promise<{ readonly deleted: true }> {
    return this.manifests.delete(removal);
  }
}
