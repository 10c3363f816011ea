import { Controller } from '@nestjs/common';
import {
  listReferrers,
  listRepositories,
  listTags,
  type NamePage,
  type PageQuery,
  type ReferrersPage,
  type ReferrersQuery,
} from '@longshore/messaging';
import { Serves } from '@longshore/messaging/nest';
import { DiscoveryService } from './discovery.service.ts';

/** Tags, catalog and referrers on the bus. */
@Controller()
export class DiscoveryController {
  constructor(private readonly discovery: DiscoveryService) {}

  @Serves(listTags)
  tags(query: PageQuery & { readonly repository: string }): Promise<NamePage> {
    return this.discovery.tags(query);
  }

  @Serves(listRepositories)
  repositories(query: PageQuery): Promise<NamePage> {
    return this.discovery.repositories(query);
  }

  @Serves(listReferrers)
  referrers(query: ReferrersQuery): Promise<ReferrersPage> {
    return this.discovery.referrers(query);
  }
}
