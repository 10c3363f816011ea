import { addRobot, removeRobot, robotsPage, setRobotDisabled } from '@longshore/metadata';
import type { Command } from '../../command.ts';
import { changing, disabling, listing, ofDisabled, robotWord } from './operations.ts';

export const robotCommands: readonly Command[] = [
  changing(
    {
      name: 'robot add',
      action: 'createRobot',
      summary: 'add a robot: an account of a machine, which has only tokens',
      examples: ['longshore robot add ci --config registry.yml'],
      words: [robotWord],
    },
    (tx, [name = '']) => addRobot(tx, { name }),
  ),
  ...disabling(robotWord, 'ci', setRobotDisabled),
  changing(
    {
      name: 'robot remove',
      action: 'deleteRobot',
      summary: 'remove a robot with its tokens and rules',
      examples: ['longshore robot remove ci --config registry.yml'],
      words: [robotWord],
    },
    (tx, [name = '']) => removeRobot(tx, name),
  ),
  listing(
    { name: 'robot list', summary: 'list robots', examples: ['longshore robot list --config registry.yml'] },
    ({ db }, start) => robotsPage(db, start),
    { key: ({ name }) => name, line: ({ name, disabled }) => `${name}${ofDisabled(disabled)}` },
  ),
];
