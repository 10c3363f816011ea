import { type CreateDriver, driverParameters } from '@longshore/storage';
import { createS3Driver } from './s3-driver.ts';
import { s3Parameters } from './s3-parameters.ts';

export const createDriver: CreateDriver = (parameters) =>
  createS3Driver(driverParameters(s3Parameters, parameters));
