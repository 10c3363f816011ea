import { readdirSync } from 'node:fs';
import tab from '@bomb.sh/tab/commander';
import { describeConfiguration } from '@longshore/configuration';
import type { Command as CommanderCommand } from 'commander';
import { options } from './options.ts';

/**
 * Adds `completion <shell>`, which prints the script for a shell, and the hidden `complete`, which the script calls. It completes commands, options,
 * values of an option, YAML files for a configuration, and keys for `describe`.
 */
export function addCompletion(program: CommanderCommand): void {
  const root = tab(program, { completionCommandName: 'completion' });
  for (const { options: offered, arguments: words } of root.commands.values()) {
    for (const [name, { flags }] of Object.entries(options)) {
      const option = offered.get(name);
      if (option !== undefined && flags.endsWith('<file>'))
        option.handler = (complete) => {
          for (const file of configurationFiles()) complete(file, '');
        };
    }
    const key = words.get('key');
    if (key !== undefined)
      key.handler = (complete) => {
        for (const row of describeConfiguration()) complete(row.key, row.description);
      };
  }
}

function configurationFiles(): readonly string[] {
  return readdirSync('.').filter((name) => /\.ya?ml$/.test(name));
}
