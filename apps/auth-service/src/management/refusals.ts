import type { ProblemCause } from '@longshore/service-kit';

/** A request to the management API that is refused. The detail is for the client. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly status: 400 | 403 | 404 | 405 | 409 | 422;
  readonly errors: readonly ProblemCause[] | undefined;

  constructor(status: Refused['status'], detail: string, errors?: readonly ProblemCause[]) {
    super(detail);
    this.status = status;
    this.errors = errors;
  }
}

/** Refuses a body, with what is wrong at one place of it. */
export const invalid = (pointer: string, detail: string): Refused =>
  new Refused(422, 'The body is not valid.', [{ pointer, detail }]);
