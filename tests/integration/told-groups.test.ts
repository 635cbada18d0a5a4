/** What shops tell of groups and bargains, beside what we decide: folded by the workers' own job, on real Postgres. */
import { describe, expect, it } from 'vitest';
import { checksOf } from '@zhanggui/server/src/cli/verify/checks.ts';
import foldGroups from '@zhanggui/workers/src/jobs/fold-groups.ts';
import { event } from '../support/books.ts';
import { groupCompany, type Bargain } from '../support/groups.ts';

const { at, get, post, running, opened, joins, leaves, member, tell, order, step, work, expectSound } =
  groupCompany();

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

describe('what is told of a group that we decide', () => {
  const flags = async (id: string) => (await get(`/groups/${id}`)).flags;

  it('differs by members and size, as long as it does', async () => {
    const campaignId = await running('group');
    const one = await opened(campaignId);
    const who = member();
    await tell(group('w1', 'joined', one.id, { campaignId, memberId: who }));
    await work(foldGroups);
    expect(await flags(one.id)).toEqual(['told_more']);
    // The fact was faster than the command that it tells of.
    await joins(one.id, who);
    await work(foldGroups);
    expect(await flags(one.id)).toEqual([]);
    await leaves(one.id, who);
    await work(foldGroups);
    expect(await flags(one.id)).toEqual(['told_more']);
    await tell(
      group('w2', 'left', one.id, { campaignId, memberId: who }),
      group('w3', 'opened', one.id, { campaignId, memberId: one.leader, size: 3 }),
    );
    await work(foldGroups);
    expect(await flags(one.id)).toEqual([]);
    await tell(group('w4', 'opened', one.id, { campaignId, memberId: one.leader, size: 5 }));
    await work(foldGroups);
    expect(await flags(one.id)).toEqual(['told_size']);
  });

  it('or that its shop decides, by the size that our campaign has', async () => {
    const campaignId = await running('group', { size: 2 });
    await tell(
      group('v1', 'opened', 'V', { campaignId, size: 3 }),
      group('v2', 'joined', 'V', { campaignId, memberId: 'tb' }),
    );
    await work(foldGroups);
    expect(await get('/groups/V')).toMatchObject({ state: 'formed', size: 2, flags: ['told_size'] });
  });
});

describe('what is told of a bargain that we decide', () => {
  const flags = async (id: string) => (await get<Bargain>(`/bargains/${id}`)).flags;
  const helped = (id: string, bargainId: string, campaignId: string, memberId: string, cut?: number) =>
    fact(id, 'bargain.helped', { campaignId, bargainId, memberId, cut });

  it('differs by helpers and what they took off, as long as it does', async () => {
    const campaignId = await running('bargain', { helpers: 2 });
    const { id } = (await post<Bargain>('/bargains', { campaignId, memberId: member() })).body;
    const friend = member();
    await tell(helped('x1', id, campaignId, friend));
    await work(foldGroups);
    expect(await flags(id)).toEqual(['told_more']);
    const { lastCut } = (await post<Bargain>(`/bargains/${id}/helps`, { memberId: friend })).body;
    await work(foldGroups);
    expect(await flags(id)).toEqual([]);
    await tell(helped('x2', id, campaignId, friend, lastCut));
    await work(foldGroups);
    expect(await flags(id)).toEqual([]);
    await tell(helped('x3', id, campaignId, friend, lastCut + 1));
    await work(foldGroups);
    expect(await flags(id)).toEqual(['told_cut']);
  });

  it('also by orders: of what nobody bought, and at another price', async () => {
    const campaignId = await running('bargain', { helpers: 1 });
    const owner = member();
    const { id } = (await post<Bargain>('/bargains', { campaignId, memberId: owner })).body;
    await post(`/bargains/${id}/helps`, { memberId: member() });
    await tell(order('y1', owner, { bargainId: id }, 1_990));
    await work(foldGroups);
    expect(await flags(id)).toEqual(['order_unbought']);
    // The order was faster than the command that fixes its price.
    await post(`/bargains/${id}/buy`, { orderId: 'y1' });
    await work(foldGroups);
    expect(await flags(id)).toEqual([]);
    await tell(order('y2', owner, { bargainId: id }, 1_990));
    await work(foldGroups);
    expect(await flags(id)).toEqual(['order_unbought']);
    await tell(step('y2', 'cancelled'));
    await work(foldGroups);
    expect(await flags(id)).toEqual([]);

    const other = (await post<Bargain>('/bargains', { campaignId, memberId: member() })).body;
    await post(`/bargains/${other.id}/helps`, { memberId: member() });
    await post(`/bargains/${other.id}/buy`);
    await tell(order('z1', owner, { bargainId: other.id }, 1_000));
    await work(foldGroups);
    expect(await flags(other.id)).toEqual(['order_price']);
    // With other goods in it an order may cost more.
    const more = (await post<Bargain>('/bargains', { campaignId, memberId: member() })).body;
    await post(`/bargains/${more.id}/helps`, { memberId: member() });
    await post(`/bargains/${more.id}/buy`);
    const lines = [
      { sku: 'A', qty: 1, unitPrice: 1_990 },
      { sku: 'B', qty: 1, unitPrice: 500 },
    ];
    await tell(order('z2', owner, { bargainId: more.id, lines }, 2_490));
    await work(foldGroups);
    expect(await flags(more.id)).toEqual([]);
    await expectSound();
  });
});
