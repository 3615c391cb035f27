/** What tests of plugins import: the real server, a clock moved by hand, databases of the tests' own. */
export { type DatabaseKind, type TestDatabase, testDatabases } from './databases.ts';
export { type FakeClock, fakeClock } from './fake-clock.ts';
export { type Emulator, startTestSwitch, type TestSwitch } from './switch.ts';
export {
  createTestApp,
  type TestApp,
  type TestAppOptions,
  type TestResponse,
  type TestUser,
} from './test-app.ts';
export { until } from './until.ts';
