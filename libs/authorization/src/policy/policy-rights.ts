import type { Action } from '@longshore/oci';
import type { Grant, Identity, Limit } from '../identity.ts';
import {
  type ClientOrigin,
  type Decision,
  type Resource,
  Rights,
  type RightsQuestion,
  type View,
} from '../rights.ts';
import { isPolicyAction, type PolicyAction } from './actions.ts';
import { Policy, type Verdict } from './policy.ts';
import type { Rule } from './rule.ts';
import { RepositoryPattern } from './repository-pattern.ts';

/**
 * Rights by a policy, limited by the credential: by the scopes of a token, and by the limits of an access token. A token of an external server is
 * decided by its scopes, as in distribution; only rules that deny count for it.
 */
export class PolicyRights extends Rights {
  /** The rules of the configuration. */
  readonly #configured: Policy;
  #policy: Policy;

  constructor(policy = Policy.ordinary) {
    super();
    this.#configured = policy;
    this.#policy = policy;
  }

  /**
   * Sets the rules that count beside those of the configuration. They take effect for the next request, also of a client that has a token. A name
   * that the configuration has as well is no second rule: the configuration's counts.
   * @throws PolicyError for rules that cannot be compiled; the known ones stay
   */
  async add(rules: readonly Rule[]): Promise<void> {
    const configured = this.#configured.rules;
    const names = new Set(configured.map(({ name }) => name));
    this.#policy = await Policy.compile([...configured, ...rules.filter(({ name }) => !names.has(name))]);
  }

  /** Returns these rights with other rules beside those of the configuration. @throws PolicyError as `add` */
  async withRules(rules: readonly Rule[]): Promise<PolicyRights> {
    const rights = new PolicyRights(this.#configured);
    await rights.add(rules);
    return rights;
  }

  /** Tells whether the configuration has a rule of this name. */
  isConfigured(name: string): boolean {
    return this.#configured.rules.some((rule) => rule.name === name);
  }

  override decide(question: RightsQuestion): Decision {
    const { identity, actions } = question;
    if (identity.kind === 'anyone') return ofAnyone(question);
    const granted = actions.filter((action) => this.#allows(question, action));
    const reason =
      identity.kind === 'anonymous' && identity.credential.kind === 'none'
        ? 'no credentials were sent'
        : 'the credentials do not allow this';
    return { granted: granted.length === actions.length ? actions : granted, reason };
  }

  override viewOf(identity: Identity, client: ClientOrigin): View {
    if (identity.kind === 'anyone') return { ranges: undefined, shows: () => true };
    // The scopes of a token name single repositories, so they do not limit a list of them.
    const { grants: _, ...unscoped } = identity;
    const shows = (name: string): boolean => {
      const resource = { type: 'repository', name } as const;
      const { granted } = this.decide({ identity: unscoped, resource, actions: ['pull', 'list'], client });
      return granted.length === 2;
    };
    const isForeign = identity.credential.kind === 'foreign-token';
    return { ranges: isForeign ? undefined : this.#policy.ranges(identity, 'list'), shows };
  }

  #allows(question: RightsQuestion, action: Action): boolean {
    const { identity, resource } = question;
    const { grants, limits } = identity;
    if (grants !== undefined && !isGranted(grants, resource, action)) return false;
    const wanted = policyAction(resource, action);
    if (limits !== undefined && !limits.some((limit) => isWithin(limit, resource, wanted))) return false;
    const verdict = this.#verdict(question, wanted);
    return identity.credential.kind === 'foreign-token'
      ? verdict.allowed || verdict.rule === undefined
      : verdict.allowed;
  }

  #verdict({ identity, resource, client }: RightsQuestion, action: PolicyAction): Verdict {
    if (resource.type === 'registry' && action === 'list')
      return { allowed: this.#policy.allowsSomewhere(identity, 'list'), rule: undefined };
    const repository = resource.type === 'repository' ? resource.name : undefined;
    return this.#policy.decide({ identity, client, repository, tag: resource.tag, action });
  }
}

/** Without accounts nothing is kept from anybody, except what would count when there are some. */
function ofAnyone({ resource, actions }: RightsQuestion): Decision {
  const isManagement = resource.type === 'registry' && policyAction(resource, '*') === 'admin';
  return isManagement
    ? { granted: [], reason: 'a registry without auth in its configuration is not managed over this API' }
    : { granted: actions, reason: 'nothing is kept from them' };
}

/** The catalog asks for `list`; everything else of the registry as a whole, for `admin`. */
function policyAction({ type, name }: Resource, action: Action): PolicyAction {
  if (type === 'registry') return name === 'catalog' ? 'list' : 'admin';
  return isPolicyAction(action) ? action : 'admin';
}

/** No action implies another, except that a scope to push covers moving a tag: token servers know no word for that. */
function isGranted(grants: readonly Grant[], { type, name }: Resource, action: Action): boolean {
  const word = action === 'overwrite' ? 'push' : action;
  return grants.some(
    (grant) =>
      grant.type === type &&
      grant.name === name &&
      (grant.actions.includes(word) || grant.actions.includes('*')),
  );
}

function isWithin(limit: Limit, { type, name }: Resource, action: PolicyAction): boolean {
  if (!limit.actions.includes(action)) return false;
  if (type === 'registry') return action === 'list' || limit.repositories.includes('**');
  return patternsOf(limit).some((pattern) => pattern.matches(name, ''));
}

const compiled = new WeakMap<Limit, readonly RepositoryPattern[]>();

/** Returns the patterns of a limit. Remembered with the limit, since a list of repositories asks for each name. */
function patternsOf(limit: Limit): readonly RepositoryPattern[] {
  const known = compiled.get(limit);
  if (known !== undefined) return known;
  const patterns = limit.repositories
    .map((text) => RepositoryPattern.parse(text))
    .filter((pattern) => pattern instanceof RepositoryPattern);
  compiled.set(limit, patterns);
  return patterns;
}
