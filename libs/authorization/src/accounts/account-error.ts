/**
 * Why an operation on accounts was refused:
 * - `invalid`: the input is not of the right form;
 * - `absent`: the object of the operation does not exist;
 * - `taken`: the name belongs to another object;
 * - `refused`: the object's state does not allow it.
 */
export type AccountErrorKind = 'invalid' | 'absent' | 'taken' | 'refused';

/** A refused operation on accounts. The message is for the person who asked and holds no secret. */
export class AccountError extends Error {
  override readonly name = 'AccountError';
  readonly kind: AccountErrorKind;

  constructor(kind: AccountErrorKind, message: string) {
    super(message);
    this.kind = kind;
  }
}
