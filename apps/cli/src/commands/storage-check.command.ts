import {
  asConfigurationError,
  loadConfiguration,
  storageDriverOf,
  storageOptionsOf,
} from '@longshore/configuration';
import { createStorageDriver, type Finding, inspectStore } from '@longshore/stores';
import { sourcesOf } from '../sources.ts';
import { type Command, type CommandContext, type ExitStatus, exitStatus } from '../command.ts';

export const storageCheckCommand: Command = {
  name: 'storage check',
  summary: 'try everything that the registry asks of its store, and say what is wrong before traffic does',
  examples: ['longshore storage check --config registry.yml', 'longshore storage check --standalone'],
  options: ['config', 'standalone'],
  run,
};

async function run(context: CommandContext): Promise<ExitStatus> {
  try {
    const configuration = loadConfiguration(sourcesOf(context));
    const options = storageOptionsOf(configuration);
    const driver = await createStorageDriver(storageDriverOf(configuration.storage), options);
    const findings: Finding[] = [];
    for await (const finding of inspectStore(driver)) {
      findings.push(finding);
      const { what, outcome, detail } = finding;
      context.progress(`${outcome.padEnd(8)}${what}${detail === '' ? '' : `: ${detail}`}`);
    }
    await driver.close();
    const failed = findings.filter(({ outcome }) => outcome === 'failed').length;
    const isUsable = failed === 0;
    context.report({ driver: driver.name, usable: isUsable, findings }, [
      isUsable ? `${driver.name}: usable` : `${driver.name}: not usable, ${failed} failed`,
    ]);
    return isUsable ? exitStatus.ok : exitStatus.unavailable;
  } catch (error) {
    context.complain(error instanceof Error ? error.message : String(error));
    return asConfigurationError(error) !== undefined ? exitStatus.configuration : exitStatus.failed;
  }
}
