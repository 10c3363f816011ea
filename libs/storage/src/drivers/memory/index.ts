import { z } from 'zod';
import type { CreateDriver } from '../../create-driver.ts';
import { driverParameters } from '../../driver-parameters.ts';
import { MemoryDriver } from './memory-driver.ts';

export const createDriver: CreateDriver = (parameters) => {
  driverParameters(z.strictObject({}), parameters);
  return new MemoryDriver();
};
