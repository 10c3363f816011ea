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

/** The requirements that all services share. Those of some services need `--service`, and secrets usually come from elsewhere. */
const anyService: ServiceDemands = {
  needs: [],
  uses: ['listener', 'debug listener', 'accounts', 'access rules', 'token keys', 'bus', 'store'],
};

/** Finds the problems that stop a service's start, with the functions that the start calls. Contacts no server. */
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

/** Creates a driver and closes it. This checks its requirements beside the parameters (a package, a file of certificates), as at a start. */
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
