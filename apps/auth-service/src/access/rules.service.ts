import { PolicyRights, Rights } from '@longshore/authorization';
import { AccessFeed, ServiceLog } from '@longshore/service-kit';
import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { AccessService } from './access.service.ts';

/** Keeps the rules of the database in force where tokens are issued, as doors do. */
@Injectable()
export class RulesService implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #feed: AccessFeed;

  constructor(access: AccessService, @Inject(Rights) rights: PolicyRights, log: ServiceLog) {
    const rulesChanged = (rules: Parameters<PolicyRights['add']>[0]): Promise<void> =>
      rights.add(rules).catch((error: unknown) => {
        log.error(error, 'the rules of the database cannot be compiled; the known ones stay in force');
      });
    this.#feed = new AccessFeed((question) => access.changes(question), { rulesChanged });
  }

  onApplicationBootstrap(): void {
    this.#feed.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#feed.close();
  }
}
