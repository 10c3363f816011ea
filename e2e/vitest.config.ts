import { defineConfig } from 'vitest/config';

// The suites run one after the other against one registry, which the runner has started; a test that is slow is not a test that hangs.
export default defineConfig({
  resolve: { conditions: ['@longshore/source'] },
  ssr: { resolve: { conditions: ['@longshore/source'] } },
  test: {
    name: 'e2e',
    root: import.meta.dirname,
    include: ['src/**/*.e2e.ts'],
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 300_000,
  },
});
