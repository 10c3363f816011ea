import { BlockList, isIPv6 } from 'node:net';
import type { CelEnv, CelError } from '@bufbuild/cel';
import type { ClientOrigin } from '../rights.ts';
import type { Identity } from '../identity.ts';
import type { PolicyAction } from './actions.ts';

/** The facts that a condition may use. */
export interface ConditionFacts {
  readonly identity: Identity;
  readonly client: ClientOrigin;
  readonly repository: string;
  /** Undefined if the request names none. */
  readonly tag: string | undefined;
  readonly action: PolicyAction;
}

/** Why a condition is neither true nor false. */
export interface Undecided {
  /** True if it depends on the tag, and the request names none. */
  readonly needsTag: boolean;
  /** The error of its evaluation, if there is one beside the absent tag. */
  readonly failed: string | undefined;
}

/** A compiled condition. @returns whether it holds */
export type Condition = (facts: ConditionFacts) => boolean | Undecided;

/** Characters. */
const longestCondition = 2000;
/** Message of the error that stands for an absent tag. */
const absentTag = 'the request names no tag';
/** A list in a list, such as each element of a claim for each group. Deeper conditions could take minutes. */
const deepestLoop = 2;
const variables = ['subject', 'claims', 'client', 'repository', 'tag', 'action', 'now'];

export class ConditionError extends Error {
  override readonly name = 'ConditionError';
}

/** Loads the evaluator, which takes 20 MB, when the first condition is compiled. */
export async function conditionCompiler(): Promise<(source: string) => Condition> {
  const [cel, { strings }, { timestampFromMs }] = await Promise.all([
    import('@bufbuild/cel'),
    import('@bufbuild/cel/ext'),
    import('@bufbuild/protobuf/wkt'),
  ]);
  const { STRING, BOOL } = cel.CelScalar;
  const inNetwork = cel.celFunc('inNetwork', [STRING, STRING], BOOL, isInNetwork);
  const env: CelEnv = cel.celEnv({ funcs: [...strings, inNetwork] });
  return (source) => {
    if (source.length > longestCondition)
      throw new ConditionError(`is longer than ${longestCondition} characters`);
    const parsed = parsing(() => cel.parse(source));
    const isFunction = (name: string): boolean => env.funcs.find(name) !== undefined;
    inspect(parsed.expr, { bound: [...variables, ...types], depth: 0, isFunction });
    const evaluate = cel.plan(env, parsed.expr);
    return (facts) => {
      // In CEL, `false && error` is false: an absent tag leaves open only what depends on it.
      const tag = facts.tag ?? cel.celError(absentTag);
      const value = evaluate({ ...bindings(facts, tag), now: timestampFromMs(Date.now()) });
      if (typeof value === 'boolean') return value;
      const errors = cel.isCelError(value) ? messagesOf(value) : ['it is not true or false'];
      const failed = errors.find((message) => message !== absentTag);
      return { needsTag: errors.includes(absentTag), failed };
    };
  };
}

function parsing<T>(parse: () => T): T {
  try {
    return parse();
  } catch (cause) {
    throw new ConditionError(cause instanceof Error ? cause.message : 'cannot be parsed', { cause });
  }
}

/** CEL merges errors into one, with the message of the first and the others as its cause. */
function messagesOf({ message, cause }: Error): string[] {
  const others: readonly unknown[] = Array.isArray(cause) ? cause : [];
  return [message, ...others.flatMap((other) => (other instanceof Error ? messagesOf(other) : []))];
}

function bindings({ identity, client, repository, action }: ConditionFacts, tag: string | CelError) {
  const { kind, subject, groups, claims } = identity;
  const { address, scheme = '', host = '', userAgent = '' } = client;
  return {
    subject: { kind, name: subject, groups: [...groups] },
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- claims are JSON, which the evaluator takes as it is
    claims: { ...claims } as Record<string, string>,
    client: { address, scheme, host, userAgent },
    repository,
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the evaluator takes errors as values; its type does not say so
    tag: tag as string,
    action,
  };
}

/** Names that are bound at a place of an expression, and the loops around it. */
interface Surroundings {
  readonly bound: readonly string[];
  readonly depth: number;
  readonly isFunction: (name: string) => boolean;
}

/** @throws ConditionError for a name or a function that does not exist, and for loops that are nested too deep */
function inspect(value: unknown, around: Surroundings): void {
  if (typeof value !== 'object' || value === null) return;
  const facts: Readonly<Record<string, unknown>> = { ...value };
  switch (facts['$typeName']) {
    case 'cel.expr.Expr.Ident':
      refuseUnknown(String(facts['name']), around);
      return;
    case 'cel.expr.Expr.Call':
      refuseUncallable(String(facts['function']), around);
      break;
    case 'cel.expr.Expr.Comprehension':
      inspectLoop(facts, around);
      return;
  }
  for (const part of Object.values(facts)) inspect(part, around);
}

function inspectLoop(
  facts: Readonly<Record<string, unknown>>,
  { bound, depth, isFunction }: Surroundings,
): void {
  if (depth === deepestLoop) throw new ConditionError(`nests more than ${deepestLoop} loops`);
  const names = [facts['accuVar'], facts['iterVar'], facts['iterVar2']].map(String);
  const inside = { bound: [...bound, ...names], depth: depth + 1, isFunction };
  for (const part of Object.values(facts)) inspect(part, inside);
}

function refuseUnknown(name: string, { bound }: Surroundings): void {
  if (!bound.includes(name))
    throw new ConditionError(`uses ${name}, which is none of ${variables.join(', ')}`);
}

/** Operators are functions whose names begin with a sign or an underscore. */
function refuseUncallable(name: string, { isFunction }: Surroundings): void {
  if (/^[a-z]/i.test(name) && !isFunction(name))
    throw new ConditionError(`calls ${name}, which is no function`);
}

/** CEL's names of types, which are values. */
const types = [
  'bool',
  'bytes',
  'double',
  'int',
  'list',
  'map',
  'null_type',
  'string',
  'type',
  'uint',
  'google',
];

/** Networks of conditions, by their text. */
const networks = new Map<string, BlockList>();

/** @throws Error for a text that is no network; the condition then fails */
function isInNetwork(address: string, network: string): boolean {
  const [base = '', bits] = network.split('/');
  let list = networks.get(network);
  if (list === undefined) {
    list = new BlockList();
    list.addSubnet(base, Number(bits ?? (isIPv6(base) ? 128 : 32)), isIPv6(base) ? 'ipv6' : 'ipv4');
    if (networks.size >= 10_000) networks.clear();
    networks.set(network, list);
  }
  return list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}
