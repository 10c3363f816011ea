/** What a client asks of a token server: `repository:team/app:pull,push` (distribution's token specification, "Scope"). */
export interface Scope {
  /** `repository` and `registry` mean something here; other types parse and are never granted. */
  readonly type: string;
  readonly name: string;
  /** Without repetitions, in the order in which they were asked for. */
  readonly actions: readonly string[];
}

/** Longer texts are no scopes: a name has at most 255 characters, and a host may stand before it. */
const maximumLength = 1024;
/** A mount with many sources asks for a few; nobody asks for more. */
const maximumScopes = 100;

const typeForm = /^[a-z0-9]+(?:\([a-z0-9]+\))?$/;
const component = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const host = /^[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::\d{1,5})?$/;
const actionForm = /^(?:[a-z]+|\*)$/;

/**
 * Reads one scope. The name may hold a colon of its own (`localhost:5000/app`), so type and actions are what stands before the
 * first and after the last one. The class of a type (`repository(plugin)`) is deprecated and dropped.
 * @returns undefined when the text is no scope; a token server passes over such
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
 * Reads the scopes of a token request: parameters that come several times, each perhaps with several scopes between spaces. Scopes
 * for the same resource become one; what is no scope is passed over, and so is everything beyond the first hundred.
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

/** Checked component by component, as in @longshore/oci: one expression over the whole name would backtrack across them. */
function isResourceName(name: string): boolean {
  const parts = name.split('/');
  const [head = '', ...rest] = parts;
  return (
    rest.every((part) => component.test(part)) &&
    (component.test(head) || (rest.length > 0 && host.test(head)))
  );
}
