import { AccountError, Policy, policyActions, PolicyError, type Rule } from '@longshore/authorization';
import {
  type AccessRule,
  accessRule,
  accessRulesPage,
  addAccessRule,
  removeAccessRule,
  replaceAccessRule,
} from '@longshore/metadata';
import { z } from 'zod';
import { changeAsAdministrator } from '../change.ts';
import { component, line, pageOf, pageQuery, time } from '../fields.ts';
import { found, pageAnswer } from '../listing.ts';
import { operation, type Scope } from '../operation.ts';
import { Refused } from '../refusals.ts';

const name = line(128).describe('Unique. Decisions and the audit log name the rule by it.');
const effect = z.enum(['allow', 'deny']).describe('A rule that denies wins over every rule that allows.');

/** What a rule says beside its name. */
const content = {
  effect,
  subjects: z
    .array(
      z.string().regex(
        // oxlint-disable-next-line no-control-regex -- it looks for exactly these
        /^(?:everybody|anonymous|accounts|users|robots|workloads|(?:user|robot|workload|group):[^\u0000-\u001f\u007f]{1,256})$/,
      ),
    )
    .min(1)
    .max(100)
    .describe('`everybody`, `accounts`, `users`, `user:<name>`, `group:<name>` and so on (docs/runbooks).'),
  actions: z.array(z.enum(policyActions)).min(1).max(policyActions.length),
  repositories: z.array(line(512)).min(1).max(100).describe('Patterns of names of repositories.'),
  when: line(2000).optional().describe('A condition in CEL.'),
};

const rule = component(
  'Rule',
  z.strictObject({
    ...content,
    name,
    // A later version may know more.
    actions: z.array(z.string()),
    subjects: z.array(z.string()),
    createdBy: z.string(),
    createdAt: time,
    updatedAt: time,
  }),
);
const newRule = component('NewRule', z.strictObject({ name, ...content }));
const ruleContent = component('RuleContent', z.strictObject(content));
const path = z.strictObject({ rule: line(128) });

const shown = ({
  createdAt,
  updatedAt,
  subjects,
  actions,
  repositories,
  when,
  ...rest
}: AccessRule): z.infer<typeof rule> => ({
  ...rest,
  subjects: [...subjects],
  actions: [...actions],
  repositories: [...repositories],
  ...(when !== undefined && { when }),
  createdAt: createdAt.toISOString(),
  updatedAt: updatedAt.toISOString(),
});

/** @throws Refused 422 for a rule that cannot be compiled; AccountError `taken` for a name of the configuration, whose rule would count instead */
async function requireUsable(made: Rule, { rights }: Scope): Promise<void> {
  if (rights.isConfigured(made.name))
    throw new AccountError('taken', `The configuration has a rule ${made.name}.`);
  try {
    await Policy.compile([made]);
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    throw new Refused(
      422,
      'The body is not valid.',
      error.problems.map(({ key, message }) => ({ pointer: `/${key}`, detail: message })),
    );
  }
}

export const ruleOperations = {
  listRules: operation({
    route: 'api-rules',
    method: 'GET',
    summary: 'List the rules of access of the database',
    description: 'Rules of the configuration count as well, and are not among them.',
    query: z.strictObject(pageQuery),
    status: 200,
    answer: pageOf('RulePage', rule),
    run: async ({ query }, { db }) =>
      pageAnswer(query, (page) => accessRulesPage(db, page), { shown, key: (item) => item.name }),
  }),
  createRule: operation({
    route: 'api-rules',
    method: 'POST',
    creates: 'api-rule',
    summary: 'Add a rule of access, which counts within a second',
    body: newRule,
    status: 201,
    answer: rule,
    refusals: [409],
    run: async ({ body }, scope) => {
      await requireUsable(body, scope);
      const createdBy = scope.identity.subject;
      const { after } = await changeAsAdministrator(scope, (tx) =>
        addAccessRule(tx, { rule: body, createdBy }),
      );
      return { body: shown(found(after)), created: { rule: body.name } };
    },
  }),
  getRule: operation({
    route: 'api-rule',
    method: 'GET',
    summary: 'Show a rule of access',
    path,
    status: 200,
    answer: rule,
    refusals: [404],
    run: async (input, { db }) => ({ body: shown(found(await accessRule(db, input.path.rule))) }),
  }),
  replaceRule: operation({
    route: 'api-rule',
    method: 'PUT',
    summary: 'Replace what a rule of access says',
    path,
    body: ruleContent,
    status: 200,
    answer: rule,
    refusals: [404, 409],
    run: async (input, scope) => {
      const made = { name: input.path.rule, ...input.body };
      await requireUsable(made, scope);
      const { after } = await changeAsAdministrator(scope, (tx) => replaceAccessRule(tx, made));
      return { body: shown(found(after)) };
    },
  }),
  deleteRule: operation({
    route: 'api-rule',
    method: 'DELETE',
    summary: 'Remove a rule of access',
    path,
    status: 204,
    refusals: [404, 409],
    run: async (input, scope) => {
      await changeAsAdministrator(scope, (tx) => removeAccessRule(tx, input.path.rule));
      return { body: undefined };
    },
  }),
};
