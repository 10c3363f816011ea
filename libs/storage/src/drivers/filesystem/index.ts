import type { CreateDriver } from '../../create-driver.ts';
import { driverParameters } from '../../driver-parameters.ts';
import { FilesystemDriver } from './filesystem-driver.ts';
import { filesystemFields } from './filesystem-parameters.ts';

export const createDriver: CreateDriver = (parameters) =>
  new FilesystemDriver(driverParameters(filesystemFields, parameters));
