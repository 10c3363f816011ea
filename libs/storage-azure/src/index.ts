import { type CreateDriver, driverParameters } from '@longshore/storage';
import { AzureDriver } from './azure-driver.ts';
import { azureParameters } from './azure-parameters.ts';

export const createDriver: CreateDriver = (parameters) =>
  AzureDriver.open(driverParameters(azureParameters, parameters));
