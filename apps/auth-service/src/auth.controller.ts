import {
  authenticate,
  issueToken,
  type LoginCall,
  type PublicKey,
  signingKeys,
  type TokenAnswer,
  type TokenCall,
} from '@longshore/messaging';
import { Serves } from '@longshore/messaging/nest';
import { Controller } from '@nestjs/common';
import { AccountsService } from './accounts/accounts.service.ts';
import { SigningKeysService } from './signing-keys/signing-keys.service.ts';
import { TokensService } from './tokens/tokens.service.ts';

/** What auth-service answers on the bus. */
@Controller()
export class AuthController {
  constructor(
    private readonly accounts: AccountsService,
    private readonly keys: SigningKeysService,
    private readonly tokens: TokensService,
  ) {}

  @Serves(authenticate)
  async authenticate({
    username,
    password,
    address = '',
  }: LoginCall): Promise<{ readonly subject: string } | { readonly refused: true }> {
    const right = await this.accounts.authenticate({ username, password, address });
    return right ? { subject: username } : { refused: true };
  }

  @Serves(signingKeys)
  async signingKeys(): Promise<{ readonly keys: readonly PublicKey[] }> {
    return { keys: await this.keys.publicKeys() };
  }

  @Serves(issueToken)
  issueToken(call: TokenCall): Promise<TokenAnswer> {
    return this.tokens.answer(call);
  }
}
