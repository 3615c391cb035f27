import { defineConfig } from 'vitest/config';

/**
 * Unit and contract tests run on the sources: the condition `jackfield-source` in each package's exports leads
 * there. Browser, chaos and real-switch tests run the built product, as its users do.
 */
const conditions = ['jackfield-source', 'module', 'node', 'development|production'];
const shared = {
  resolve: { conditions },
  ssr: { resolve: { conditions } },
};

/** How often a browser journey that failed is tried again: on a machine that others work on, too (.ci/run). */
const retry = Number(process.env.JACKFIELD_TEST_RETRIES ?? 0);

export default defineConfig({
  ...shared,
  test: {
    projects: [
      {
        ...shared,
        test: {
          name: 'unit',
          include: [
            'core/**/*.test.ts',
            'plugins/**/*.test.ts',
            'admin-ui/**/*.test.ts',
            'tests/contract/**/*.test.ts',
            'tests/boundaries/**/*.test.ts',
          ],
          exclude: ['**/dist/**', '**/node_modules/**'],
          // Most of them wait for a socket or a clock: more at once than there are cores.
          maxWorkers: 4,
          testTimeout: 20_000,
          hookTimeout: 60_000,
        },
      },
      {
        ...shared,
        test: {
          name: 'e2e',
          include: ['tests/e2e/**/*.test.ts'],
          retry,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
      {
        ...shared,
        test: {
          name: 'chaos',
          include: ['tests/chaos/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
      {
        ...shared,
        test: {
          name: 'freeswitch',
          include: ['tests/freeswitch/**/*.test.ts'],
          // Real time, real sound and a switch that rounds its timers to seconds.
          retry: 1,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
