import { type DynamicModule, Module } from '@nestjs/common';
import { AccountsService } from './accounts/accounts.service.ts';
import { AuthController } from './auth.controller.ts';
import { AuthSettings } from './auth-settings.ts';
import { SigningKeysService } from './signing-keys/signing-keys.service.ts';
import { TokensService } from './tokens/tokens.service.ts';

/** Accounts, signing keys and tokens, served on the bus. The Database is the importing process's. */
@Module({})
export class AuthServiceModule {
  static register(settings: AuthSettings): DynamicModule {
    return {
      module: AuthServiceModule,
      controllers: [AuthController],
      providers: [
        AccountsService,
        SigningKeysService,
        TokensService,
        { provide: AuthSettings, useValue: settings },
      ],
    };
  }
}
