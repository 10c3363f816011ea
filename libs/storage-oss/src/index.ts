import { type CreateDriver, driverParameters } from '@longshore/storage';
import { createOssDriver } from './create-oss-driver.ts';
import { ossParameters } from './oss-parameters.ts';

export const createDriver: CreateDriver = (parameters) =>
  createOssDriver(driverParameters(ossParameters, parameters));
