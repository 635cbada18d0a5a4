import { describe, expect, it } from 'vitest';
import type { CampaignState } from '@zhanggui/shared/coupons/campaign.ts';
import { askFor, stepsIn } from './steps.ts';

const now = Date.parse('2026-11-23T12:00:00Z');
const later = '2026-12-01T02:00:00Z';

describe('what may be done with a campaign', () => {
  it('follows its state, and its start', () => {
    const of = (status: CampaignState, part: { startsAt?: string; settledAt?: string } = {}) =>
      stepsIn({ status, startsAt: null, settledAt: null, ...part }, now);
    expect(of('draft')).toEqual(['approve', 'cancel']);
    expect(of('approved')).toEqual(['launch', 'cancel']);
    expect(of('approved', { startsAt: '2026-11-22T02:00:00Z' })).toEqual(['launch', 'cancel']);
    expect(of('approved', { startsAt: later })).toEqual(['startNow', 'launch', 'cancel']);
    expect(of('scheduled', { startsAt: later })).toEqual(['startNow', 'cancel']);
    expect(of('running')).toEqual(['pause', 'finish', 'cancel']);
    expect(of('paused')).toEqual(['resume', 'finish', 'cancel']);
    // What was given is good still, until the last of it is settled.
    expect(of('finished')).toEqual(['pause', 'cancel']);
    expect(of('finished', { settledAt: '2026-11-22T02:00:00Z' })).toEqual([]);
    expect(of('cancelled')).toEqual([]);
  });

  it('is asked of the API', () => {
    expect(askFor('approve', 7)).toEqual({ path: 'approve', body: { revision: 7 } });
    expect(askFor('startNow', 7)).toEqual({ path: 'launch', body: { startNow: true } });
    expect(askFor('finish', 7)).toEqual({ path: 'finish', body: {} });
  });
});
