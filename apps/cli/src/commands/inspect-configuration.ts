import {
  asConfigurationError,
  type Configuration,
  type ConfigurationSources,
  loadConfigurationWithWarnings,
  type Problem,
  resourceProblems,
  type ServiceDemands,
  serviceDemands,
  type ServiceName,
  storageDriverOf,
  storageOptionsOf,
} from '@longshore/configuration';
import { createStorageDriver } from '@longshore/stores';

export interface Inspection {
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
}

/** What each service asks. What one needs and another does not is left to `--service`, and a secret comes from elsewhere as a rule. */
const anyService: ServiceDemands = {
  needs: [],
  uses: ['listener', 'debug listener', 'accounts', 'token keys', 'bus', 'store'],
};

/** Finds what the start of a service would refuse, by the functions that the start calls. No server is asked. */
export async function inspectConfiguration(
  sources: ConfigurationSources,
  service: ServiceName | undefined,
): Promise<Inspection> {
  const { needs, uses }: ServiceDemands = service === undefined ? anyService : serviceDemands[service];
  try {
    const { configuration, warnings } = loadConfigurationWithWarnings({ ...sources, needs });
    const resources = await resourceProblems(configuration, uses);
    const store = uses.includes('store') ? await storeProblems(configuration) : [];
    return { problems: [...resources, ...store], warnings };
  } catch (error) {
    const { problems, warnings } = asConfigurationError(error) ?? rethrown(error);
    return { problems, warnings };
  }
}

/** A driver is made and closed: what it needs beside its parameters (a package, a file of certificates) is looked for as at a start. */
async function storeProblems(configuration: Configuration): Promise<readonly Problem[]> {
  try {
    const options = storageOptionsOf(configuration);
    const driver = await createStorageDriver(storageDriverOf(configuration.storage), options);
    await driver.close();
    return [];
  } catch (error) {
    return (asConfigurationError(error) ?? rethrown(error)).problems;
  }
}

function rethrown(error: unknown): never {
  throw error;
}
