import { defineConfig } from 'vitest/config';

// The suites run one after another against one registry, which the runner has started. A slow test is not a hanging test.
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
