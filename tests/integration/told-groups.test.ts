/** What shops tell of groups and bargains, beside what we decide: folded by the workers' own job, on real Postgres. */
import { describe, expect, it } from 'vitest';
import { checksOf } from '@zhanggui/server/src/cli/verify/checks.ts';
import foldGroups from '@zhanggui/workers/src/jobs/fold-groups.ts';
import { event } from '../support/books.ts';
import { groupCompany, type Bargain } from '../support/groups.ts';

const { at, get, running, tell, work, expectSound } = groupCompany();

const fact = (id: string, type: string, data: object, when = Date.now()) =>
  event(id, type, when, { campaignId: 'theirs', memberId: 'ta', ...data }, 'shop');
const group = (id: string, step: string, groupId: string, more: object = {}) =>
  fact(id, `group.${step}`, { groupId, ...more });

describe('a fact that the ledger took', () => {
  it('is read for what its type says, and nothing else', async () => {
    const campaignId = await running('bargain');
    await tell(
      group('odd1', 'joined', 'odd', { size: 1, cut: 'much' }),
      group('odd2', 'joined', 'odd', { memberId: 'tb', size: 3 }),
      fact('odd3', 'bargain.opened', { bargainId: 'OB', campaignId, size: 'XL' }),
      fact('odd4', 'bargain.helped', { bargainId: 'OB', campaignId, memberId: 'tb', cut: 30, size: 1 }),
    );
    await work(foldGroups);
    // A size is what the fact that opens says: "joined" has none, whatever a shop adds to it.
    expect(await get('/groups/odd')).toMatchObject({ state: 'open', members: 2, size: null });
    expect(await get<Bargain>('/bargains/OB')).toMatchObject({ helps: 1, cut: 30, flags: [] });
    await expectSound();
  });

  it('and that cannot be kept is set aside, where it is seen, and holds up nobody', async () => {
    const { sql } = at.server;
    await sql`alter table group_told add constraint broken check (member_id <> 'nobody')`;
    await tell(
      group('g1', 'opened', 'G1', { size: 2 }),
      group('g2', 'opened', 'G2', { memberId: 'nobody' }),
      group('g3', 'joined', 'G1', { memberId: 'tb' }),
    );
    for (let i = 0; i < 5; i++) await tell(group(`h${i}`, 'opened', `H${i}`));
    await work(foldGroups);
    expect(await get('/groups/G1')).toMatchObject({ state: 'formed', members: 2 });
    expect(await get('/groups/H4')).toMatchObject({ state: 'open' });
    const check = checksOf({ ledgerIsWhole: true }).find(({ name }) => name === 'groups-set-aside')!;
    const found = await sql.begin((tx) => check.run(tx, { timeZone: 'UTC', limit: 5 }));
    expect(found.total).toBe(1);
    expect(JSON.stringify(found.first)).toContain('violates check constraint');
    // It stays there until somebody says that it can be tried again.
    await work(foldGroups);
    await sql`alter table group_told drop constraint broken`;
    await work(foldGroups);
    expect((await get<{ code: string }>('/groups/G2')).code).toBe('not_found');
    await sql`update group_touch set error = null`;
    await work(foldGroups);
    expect(await get('/groups/G2')).toMatchObject({ state: 'open', members: 1 });
    await expectSound();
  });
});
