import { expect, it } from 'vitest';
import { storageTable } from './storage-table.ts';

it('has a row for each case and a column for each driver, and leaves other tests out', () => {
  const page = storageTable([
    { ancestors: ['StorageDriver (s3)', 'read'], title: 'reads a | b', status: 'passed' },
    { ancestors: ['StorageDriver (memory)', 'read'], title: 'reads a | b', status: 'failed' },
    { ancestors: ['StorageDriver (s3)'], title: 'checks itself', status: 'passed' },
    { ancestors: ['StoreCalls'], title: 'retries', status: 'passed' },
  ]);
  expect(page).toContain('| case | memory | s3 |');
  expect(page).toContain(String.raw`| reads a \| b | ✗ | ✓ |`);
  expect(page).toContain('| checks itself | – | ✓ |');
  expect(page).not.toContain('retries');
});
