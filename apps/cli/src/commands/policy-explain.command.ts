import {
  anonymous,
  type Explanation,
  type Identity,
  isPolicyAction,
  type Policy,
  type PolicyQuestion,
  policyActions,
  userNamed,
} from '@longshore/authorization';
import { accessPolicy, asConfigurationError, loadConfiguration } from '@longshore/configuration';
import { isRepositoryName } from '@longshore/oci';
import { type Command, type CommandContext, type ExitStatus, exitStatus } from '../command.ts';
import { sourcesOf } from '../sources.ts';

export const policyExplainCommand: Command = {
  name: 'policy explain',
  summary: 'say whether an account may do something, which rule decides, and why the others do not',
  details: `The account is a user's name, robot:<name>, workload:<name>, or anonymous. The actions are ${policyActions.join(', ')}.
Groups and claims come from the account's provider, so --group has to name the groups.`,
  examples: [
    'longshore policy explain ann push team/app --tag v1 --config registry.yml',
    'longshore policy explain anonymous pull public/app --standalone',
    'longshore policy explain robot:ci delete team/app --group dev --group ops',
  ],
  words: [
    { name: 'account', summary: 'who asks' },
    { name: 'action', summary: 'what it wants to do' },
    { name: 'repository', summary: 'where; without it, in the registry as a whole', isOptional: true },
  ],
  options: ['config', 'standalone', 'group', 'tag', 'address'],
  run,
};

async function run(context: CommandContext): Promise<ExitStatus> {
  const { words, complain } = context;
  const [account = '', action = '', repository] = words;
  if (!isPolicyAction(action)) {
    complain(`${action} is no action; choose one of ${policyActions.join(', ')}`);
    return exitStatus.usage;
  }
  if (repository !== undefined && !isRepositoryName(repository)) {
    complain(
      `${repository} is no name of a repository, such as team/app: lower-case letters and digits, with . _ - / between them`,
    );
    return exitStatus.usage;
  }
  const { group = [], tag, address = '127.0.0.1' } = context;
  const asked = { identity: identityOf(account, group), client: { address }, repository, tag, action };
  try {
    const configuration = loadConfiguration(sourcesOf(context));
    const policy = await accessPolicy(configuration);
    if (configuration.auth === undefined) explainOpen(context);
    else explain(policy, asked, context);
    return exitStatus.ok;
  } catch (error) {
    const wrong = asConfigurationError(error);
    if (wrong === undefined) throw error;
    for (const { path, message } of wrong.problems) complain(`${path} ${message}`);
    return exitStatus.configuration;
  }
}

/** Nobody is asked who they are, so no rule applies. */
const explainOpen = ({ report }: CommandContext): void =>
  report({ allowed: true, rules: [] }, [
    'allowed: the configuration has no auth, so everybody may do everything',
  ]);

function explain(policy: Policy, question: PolicyQuestion, { report }: CommandContext): void {
  const { allowed, rule } = policy.decide(question);
  const explanations = policy.explain(question);
  const verdict = allowed ? 'allowed' : 'denied';
  report({ allowed, rule, rules: explanations.map(documentOf) }, [
    rule === undefined ? `${verdict}: no rule applies` : `${verdict} by ${rule}`,
    ...explanations.map(lineOf),
  ]);
}

function identityOf(account: string, groups: readonly string[]): Identity {
  if (account === 'anonymous') return anonymous;
  const [, kind, name] = /^(user|robot|workload):(.+)$/.exec(account) ?? [];
  if (name === undefined) return { ...userNamed(account), groups };
  return { ...userNamed(name), kind: kind === 'robot' || kind === 'workload' ? kind : 'user', groups };
}

const documentOf = ({ rule: { name, effect }, outcome, failed }: Explanation) => ({
  name,
  effect,
  outcome,
  ...(failed === undefined ? {} : { failed }),
});

const lineOf = ({ rule: { name, effect }, outcome, failed }: Explanation): string =>
  `  ${name} (${effect}): ${outcome}${failed === undefined ? '' : `: ${failed}`}`;
