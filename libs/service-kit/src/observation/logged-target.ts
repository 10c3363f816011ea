/** Characters of a target that are logged. */
const longest = 512;
/** Their queries name repositories, scopes and pages, and never a secret. */
const withQuery = /^\/(?:v2\/|(?:auth\/)?token\?)/;

/** Returns the target of a request as the log has it. A query of any other route may hold a code of an identity provider, or of a device. */
export function loggedTarget(target: string): string {
  const query = withQuery.test(target) ? -1 : target.indexOf('?');
  return (query === -1 ? target : target.slice(0, query)).slice(0, longest);
}
