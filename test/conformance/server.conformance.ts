import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { startGateway, type Settings, type TestGateway } from '../tools/gateway.js';
import { FixtureModule } from './fixture/fixture.module.js';
import { FixtureTools } from './fixture/fixture.tools.js';
import { runSuite, type SuiteReport } from './suite.js';
import { TokenProxy } from './token-proxy.js';

const SESSION = 'needs a session that a request of the server to its client comes back to; replicas hold none';

/** Scenarios that are required and not passed, each with its reason. */
const LEFT: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  '2026-07-28': {},
  '2025-11-25': {
    'tools-call-sampling': SESSION,
    'tools-call-elicitation': SESSION,
    'elicitation-sep1034-defaults': SESSION,
    'elicitation-sep1330-enums': SESSION,
  },
};

let gateway: TestGateway;
let proxy: TokenProxy;

beforeAll(async () => {
  gateway = await startGateway({ modules: [FixtureModule], change: (settings) => (settings['workspace'] = {}) });
  proxy = await TokenProxy.start(gateway.url, () => gateway.token());
  let changes = 0;
  gateway.app.get(FixtureTools, { strict: false }).onTrigger = () =>
    gateway.apply((settings) => {
      const [api] = settings['apis'] as Settings[];
      api!['overrides'] = { 'GET /items/{id}': { description: `Changed ${changes++}.` } };
    });
}, 60_000);
afterAll(async () => {
  await proxy.stop();
  await gateway.stop();
});

function describeReport(revision: string, { required, findings }: SuiteReport): string {
  const failed = failuresOf(findings, required);
  const lines = required.map((scenario) => `  ${failed.includes(scenario) ? '✗' : '✓'} ${scenario}${failed.includes(scenario) ? `: ${LEFT[revision]?.[scenario] ?? findings.find((finding) => finding.scenario === scenario)?.message}` : ''}`);
  return [`${revision}: ${required.length - failed.length} of ${required.length} required scenarios`, ...lines].join('\n');
}

const failuresOf = (findings: SuiteReport['findings'], required: readonly string[]): readonly string[] =>
  required.filter((scenario) => findings.some((finding) => finding.scenario === scenario && finding.status === 'FAILURE'));

it.each(['2026-07-28', '2025-11-25'])('what %s requires of a server holds, but for what is named', async (revision) => {
  const report = await runSuite(`http://127.0.0.1:${proxy.port}/mcp`, revision);
  process.stdout.write(`${describeReport(revision, report)}\n`);
  // A scenario that did not run has passed nothing.
  expect(report.required.filter((scenario) => !report.ran.includes(scenario))).toEqual([]);
  expect(failuresOf(report.findings, report.required)).toEqual(Object.keys(LEFT[revision] ?? {}));
  expect(report.findings.filter(({ scenario, status }) => status === 'WARNING' && report.required.includes(scenario))).toEqual([]);
});
