import { describe, expect, it } from '@jest/globals';
import { ENVIRONMENTS, recorded, Resource } from './resources.ts';
import { RULES } from './rules/index.ts';

const production = recorded('prod').plan;

describe.each(ENVIRONMENTS)('the plan of %s', (environment) => {
  const { plan } = recorded(environment);

  it('was recorded whole', () => {
    expect(plan.resources.length).toBeGreaterThan(200);
  });

  it.each(RULES)('keeps: $name', ({ findings }) => {
    expect(findings(plan)).toEqual([]);
  });
});

describe('a plan that was changed', () => {
  it.each(RULES)('is caught breaking: $name', ({ findings, breach }) => {
    const copy = JSON.parse(JSON.stringify(production.resources)) as Resource[];
    const broken = { environment: 'prod' as const, resources: breach(copy) };
    expect(broken.resources).not.toEqual(production.resources);
    expect(findings(broken).length).toBeGreaterThan(0);
  });
});
