/** Why nobody was logged in, in the words of the page. Contains nothing of the request or of the provider's answer. */
const reasons = {
  'no attempt':
    'This login has expired, was begun in another browser, or cookies are switched off. Begin again.',
  'wrong answer': 'The answer of the provider does not belong to this login. Begin again.',
  'refused by provider': 'The provider refused the login, or it was cancelled.',
  'provider away': 'The provider does not answer now. Try again later.',
  'no name': 'The provider tells no name that an account of this registry can have.',
  'name taken': 'Another account of this registry has this name. Ask its administrator.',
  disabled: 'An administrator has disabled your account.',
  'not allowed': 'None of your groups may use this registry.',
  'too much': 'The provider tells too many groups or claims. Ask the administrator to map fewer.',
  replayed: 'This login has already been used. Begin again.',
} as const;

export type RefusedReason = keyof typeof reasons;

const forbidden: ReadonlySet<RefusedReason> = new Set(['not allowed', 'name taken', 'disabled']);

/** A login that did not succeed. The cause is for the log. */
export class LoginRefused extends Error {
  override readonly name = 'LoginRefused';
  readonly reason: RefusedReason;

  constructor(reason: RefusedReason, options?: ErrorOptions) {
    super(reasons[reason], options);
    this.reason = reason;
  }

  get status(): number {
    if (this.reason === 'provider away') return 503;
    return forbidden.has(this.reason) ? 403 : 400;
  }
}
