import {
  asConfigurationError,
  loadConfiguration,
  storageDriverOf,
  storageOptionsOf,
} from '@longshore/configuration';
import { createStorageDriver, inspectStore } from '@longshore/storage';
import { standaloneDefaults } from '../standalone-defaults.ts';
import { type Command, type CommandContext, type ExitStatus, exitStatus } from '../command.ts';

export const storageCheckCommand: Command = {
  name: 'storage check',
  usage: '[--config FILE] [--standalone]',
  summary: 'try everything that the registry asks of its store, and say what is wrong before traffic does',
  options: ['config', 'standalone'],
  mostWords: 0,
  run,
};

async function run({
  config,
  standalone,
  environment,
  print,
  complain,
}: CommandContext): Promise<ExitStatus> {
  try {
    const configuration = loadConfiguration({
      environment,
      ...(config === undefined ? {} : { file: config }),
      ...(standalone ? { defaults: standaloneDefaults(environment) } : {}),
    });
    const driver = await createStorageDriver(
      storageDriverOf(configuration.storage),
      storageOptionsOf(configuration),
    );
    let failed = 0;
    for await (const { what, outcome, detail } of inspectStore(driver)) {
      if (outcome === 'failed') failed++;
      print(`${outcome.padEnd(8)}${what}${detail === '' ? '' : `: ${detail}`}`);
    }
    await driver.close();
    print(failed === 0 ? `${driver.name}: usable` : `${driver.name}: not usable, ${failed} failed`);
    return failed === 0 ? exitStatus.ok : exitStatus.unavailable;
  } catch (error) {
    complain(error instanceof Error ? error.message : String(error));
    return asConfigurationError(error) !== undefined ? exitStatus.configuration : exitStatus.failed;
  }
}
