import { describe, expect, it } from '@jest/globals';
import { parseBenchOptions } from './bench.options.js';
import type { Sample } from './measure.js';
import { describeReport, spreadOf, summarise } from './report.js';

function sample(requestsPerSecond: number, cpuMicros: number): Sample {
  return { requests: 1, requestsPerSecond, cpuMicros, databaseCpuMicros: 0, p50Ms: 1, p99Ms: 2, rssMegabytes: 3, serverCoreBusy: 1, serverCoreShare: 0.9, loadCoreBusy: 0.5 };
}

describe('the report of the bench', () => {
  it('compares each round with itself', () => {
    const rounds = [
      { plain: sample(10_000, 100), gatehouse: sample(3_000, 300) },
      { plain: sample(20_000, 50), gatehouse: sample(10_000, 100) },
      { plain: sample(10_000, 100), gatehouse: sample(4_000, 250) },
    ];
    const report = summarise(rounds, parseBenchOptions([]));
    expect(report.ratio).toEqual({ min: 0.3, median: 0.4, max: 0.5 });
    expect(report.cpuRatio).toEqual({ min: 2, median: 2.5, max: 3 });
    const text = describeReport(report);
    expect(text).toContain('ratio b/a of requests/s:    0.300 – 0.400 – 0.500');
    expect(text).toMatch(/^requests\/s +10000 – 10000 – 20000 +3000 – 4000 – 10000$/m);
  });

  it('takes the mean of the two in the middle as the median of an even number', () => {
    expect(spreadOf([4, 1, 3, 2])).toEqual({ min: 1, median: 2.5, max: 4 });
    expect(spreadOf([7])).toEqual({ min: 7, median: 7, max: 7 });
  });
});
