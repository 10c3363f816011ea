/** What an operation changed, for the audit log: the object before and after, without secrets. Undefined where it did not exist. */
export interface Change<T> {
  readonly before: T | undefined;
  readonly after: T | undefined;
}
