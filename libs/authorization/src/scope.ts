/** A scope in a token request: `repository:team/app:pull,push` (distribution's token specification, "Scope"). */
export interface Scope {
  /** `repository` and `registry` are known. Other types parse and are never granted. */
  readonly type: string;
  readonly name: string;
  /** Without repetitions, in the order of the request. */
  readonly actions: readonly string[];
}

/** Characters. A longer text is not a scope: a name has at most 255 characters, and a host may precede it. */
const maximumLength = 1024;
/** Most scopes in one request. A mount with many sources needs a few. */
const maximumScopes = 100;

const typeForm = /^[a-z0-9]+(?:\([a-z0-9]+\))?$/;
const component = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const host = /^[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::\d{1,5})?$/;
const actionForm = /^(?:[a-z]+|\*)$/;

/**
 * Parses one scope. The name may contain a colon (`localhost:5000/app`), so the type ends at the first colon and the actions begin after the last.
 * Drops the class of a type (`repository(plugin)`), which is deprecated.
 * @returns undefined if the text is not a scope; a token server ignores such
 */
export function parseScope(text: string): Scope | undefined {
  const first = text.indexOf(':');
  const last = text.lastIndexOf(':');
  if (text.length > maximumLength || first <= 0 || last <= first) return undefined;
  const [type, name, actions] = [
    text.slice(0, first),
    text.slice(first + 1, last),
    text.slice(last + 1).split(','),
  ];
  if (!typeForm.test(type) || !isResourceName(name) || !actions.every((action) => actionForm.test(action)))
    return undefined;
  return { type: type.replace(/\(.*$/, ''), name, actions: [...new Set(actions)] };
}

export function formatScope({ type, name, actions }: Scope): string {
  return `${type}:${name}:${actions.join(',')}`;
}

/**
 * Parses the scopes of a token request: repeated parameters, each with one or more scopes between spaces. Merges scopes for the same resource.
 * Ignores invalid scopes, and everything beyond the first hundred.
 */
export function parseScopes(texts: readonly string[]): Scope[] {
  const scopes = new Map<string, Scope>();
  const words = texts.flatMap((text) => text.split(' ', maximumScopes)).slice(0, maximumScopes);
  for (const scope of words.map(parseScope)) {
    if (scope === undefined) continue;
    const resource = `${scope.type}:${scope.name}`;
    const known = scopes.get(resource);
    const actions = [...new Set([...(known?.actions ?? []), ...scope.actions])];
    scopes.set(resource, { ...scope, actions });
  }
  return [...scopes.values()];
}

/** Checks component by component, as in @longshore/oci: one expression over the whole name would backtrack across them. */
function isResourceName(name: string): boolean {
  const parts = name.split('/');
  const [head = '', ...rest] = parts;
  return (
    rest.every((part) => component.test(part)) &&
    (component.test(head) || (rest.length > 0 && host.test(head)))
  );
}
