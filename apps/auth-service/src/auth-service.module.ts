import { authenticate, Bus, issueToken, signingKeys } from '@longshore/messaging';
import { type DynamicModule, Module, type OnModuleInit } from '@nestjs/common';
import { AccountsService } from './accounts/accounts.service.ts';
import { AuthSettings } from './auth-settings.ts';
import { SigningKeysService } from './signing-keys/signing-keys.service.ts';
import { TokensService } from './tokens/tokens.service.ts';

/** Accounts, signing keys and tokens, served on the bus. The importing process provides the Bus and the Database. */
@Module({})
export class AuthServiceModule implements OnModuleInit {
  static register(settings: AuthSettings): DynamicModule {
    return {
      module: AuthServiceModule,
      providers: [
        AccountsService,
        SigningKeysService,
        TokensService,
        { provide: AuthSettings, useValue: settings },
      ],
    };
  }

  constructor(
    private readonly bus: Bus,
    private readonly accounts: AccountsService,
    private readonly keys: SigningKeysService,
    private readonly tokens: TokensService,
  ) {}

  onModuleInit(): void {
    this.bus.serve(authenticate, async ({ username, password, address = '' }) => {
      const right = await this.accounts.authenticate({ username, password, address });
      return right ? { subject: username } : ({ refused: true } as const);
    });
    this.bus.serve(signingKeys, async () => ({ keys: await this.keys.publicKeys() }));
    this.bus.serve(issueToken, (call) => this.tokens.answer(call));
  }
}
