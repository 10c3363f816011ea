import {
  accessChanges,
  answerPage,
  authenticate,
  Bus,
  issueToken,
  manage,
  recordAudit,
  signingKeys,
  workloadKeys,
} from '@longshore/messaging';
import { type DynamicModule, Module, type OnModuleInit } from '@nestjs/common';
import { AccessService } from './access/access.service.ts';
import { RulesService } from './access/rules.service.ts';
import { AuditService } from './audit/audit.service.ts';
import { AccountsService } from './accounts/accounts.service.ts';
import { PasswordChanges } from './accounts/password-changes.ts';
import { AuthSettings } from './auth-settings.ts';
import { ManagementService } from './management/management.service.ts';
import { LoginService } from './oidc/login.service.ts';
import { SigningKeysService } from './signing-keys/signing-keys.service.ts';
import { RefreshGrants } from './tokens/refresh-grants.ts';
import { TokensService } from './tokens/tokens.service.ts';
import { WorkloadsService } from './workloads/workloads.service.ts';

/** Accounts, signing keys and tokens, served on the bus. The importing process provides the Bus and the Database. */
@Module({})
export class AuthServiceModule implements OnModuleInit {
  static register(settings: AuthSettings): DynamicModule {
    return {
      module: AuthServiceModule,
      providers: [
        AccessService,
        RulesService,
        AccountsService,
        AuditService,
        PasswordChanges,
        LoginService,
        ManagementService,
        RefreshGrants,
        SigningKeysService,
        TokensService,
        WorkloadsService,
        { provide: AuthSettings, useValue: settings },
      ],
    };
  }

  // oxlint-disable-next-line max-params -- Nest injects these; nobody writes the call
  constructor(
    private readonly bus: Bus,
    private readonly accounts: AccountsService,
    private readonly keys: SigningKeysService,
    private readonly tokens: TokensService,
    private readonly access: AccessService,
    private readonly workloads: WorkloadsService,
    private readonly login: LoginService,
    private readonly audit: AuditService,
    private readonly management: ManagementService,
  ) {}

  onModuleInit(): void {
    this.bus.serve(authenticate, async ({ username, password, address = '' }) => {
      const admitted = await this.accounts.authenticate({ username, password, address });
      if (admitted === undefined) return { refused: true } as const;
      const { identity, fingerprint, expiresAt } = admitted;
      return {
        subject: identity.subject,
        identity,
        ...(fingerprint !== undefined && { fingerprint }),
        ...(expiresAt !== undefined && { expiresAt }),
      };
    });
    this.bus.serve(signingKeys, async () => ({ keys: await this.keys.publicKeys() }));
    this.bus.serve(accessChanges, (question) => this.access.changes(question));
    this.bus.serve(workloadKeys, ({ provider }) => this.workloads.keys(provider));
    this.bus.serve(answerPage, async (call) => this.login.answer(call));
    this.bus.serve(recordAudit, (report) => this.audit.record(report));
    this.bus.serve(manage, (call) => this.management.answer(call));
    this.bus.serve(issueToken, (call) => this.tokens.answer(call));
  }
}
