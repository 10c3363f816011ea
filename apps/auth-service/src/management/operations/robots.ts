import {
  addRobot,
  removeRobot,
  type Robot,
  robotByName,
  robotsPage,
  setRobotDisabled,
} from '@longshore/metadata';
import { z } from 'zod';
import { change, changeAsAdministrator } from '../change.ts';
import { accountName, component, line, pageOf, pageQuery, time } from '../fields.ts';
import { found, pageAnswer } from '../listing.ts';
import { operation } from '../operation.ts';

const robot = component(
  'Robot',
  z.strictObject({
    name: accountName,
    description: z.string(),
    disabled: z.boolean().describe('The access tokens of a disabled robot do not count.'),
    createdAt: time,
  }),
);

const newRobot = component(
  'NewRobot',
  z.strictObject({ name: accountName, description: line(500).optional() }),
);
const robotPatch = component('RobotPatch', z.strictObject({ disabled: z.boolean() }));
const path = z.strictObject({ robot: accountName });

const shown = ({ createdAt, ...rest }: Robot): z.infer<typeof robot> => ({
  ...rest,
  createdAt: createdAt.toISOString(),
});

export const robotOperations = {
  listRobots: operation({
    route: 'api-robots',
    method: 'GET',
    summary: 'List robots',
    query: z.strictObject(pageQuery),
    status: 200,
    answer: pageOf('RobotPage', robot),
    run: async ({ query }, { db }) =>
      pageAnswer(query, (page) => robotsPage(db, page), { shown, key: ({ name }) => name }),
  }),
  createRobot: operation({
    route: 'api-robots',
    method: 'POST',
    creates: 'api-robot',
    summary: 'Add a robot: an account of a machine',
    description: 'A robot has no password. Create an access token that it holds.',
    body: newRobot,
    status: 201,
    answer: robot,
    refusals: [409],
    run: async ({ body }, scope) => {
      const { after } = await change(scope, (tx) => addRobot(tx, body));
      return { body: shown(found(after)), created: { robot: body.name } };
    },
  }),
  getRobot: operation({
    route: 'api-robot',
    method: 'GET',
    summary: 'Show a robot',
    path,
    status: 200,
    answer: robot,
    refusals: [404],
    run: async (input, { db }) => ({ body: shown(found(await robotByName(db, input.path.robot))) }),
  }),
  updateRobot: operation({
    route: 'api-robot',
    method: 'PATCH',
    summary: 'Disable or enable a robot',
    path,
    body: robotPatch,
    status: 200,
    answer: robot,
    refusals: [404, 409],
    run: async ({ path: { robot: name }, body: { disabled } }, scope) => {
      const { after } = await changeAsAdministrator(scope, (tx) => setRobotDisabled(tx, name, disabled));
      return { body: shown(found(after)) };
    },
  }),
  deleteRobot: operation({
    route: 'api-robot',
    method: 'DELETE',
    summary: 'Remove a robot with its access tokens and the rules for it alone',
    path,
    status: 204,
    refusals: [404, 409],
    run: async (input, scope) => {
      await changeAsAdministrator(scope, (tx) => removeRobot(tx, input.path.robot));
      return { body: undefined };
    },
  }),
};
