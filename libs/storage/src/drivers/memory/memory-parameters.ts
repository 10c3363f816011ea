import { section } from '@longshore/fields';

export const memoryFields = section('Memory of one process; for tests.', {});
