/** What becomes of groups and bargains whose campaign ends, or is stopped, before they do: over HTTP, on real Postgres. */
import { describe, expect, it } from 'vitest';
import type { Problem } from '@zhanggui/shared/contract/errors.ts';
import watchCampaigns from '@zhanggui/workers/src/jobs/watch-campaigns.ts';
import { groupCompany, type Bargain } from '../support/groups.ts';

const { at, get, post, running, opened, joins, leaves, member, work, expectSound } = groupCompany();

/** The campaign's time is up. */
async function end(id: string): Promise<void> {
  await at.server.sql`update campaign set ends_at = now() - interval '1 second' where id = ${id}`;
  await work(watchCampaigns);
  expect(await get(`/campaigns/${id}`)).toMatchObject({ status: 'finished' });
}
const bargain = async (campaignId: string) =>
  (await post<Bargain>('/bargains', { campaignId, memberId: member() })).body;
const helps = (id: string) => post<Bargain>(`/bargains/${id}/helps`, { memberId: member() });

describe('a campaign whose time is up', () => {
  it('opens no group any more; those that are open fill until their own deadline', async () => {
    const id = await running('group', { leaderBonus: 100 }, { total: 4, budget: 1_000 });
    const one = await opened(id);
    const two = await opened(id);
    await end(id);
    expect((await post('/groups', { campaignId: id, memberId: member() })).body.code).toBe(
      'campaign_not_running',
    );
    const gone = member();
    expect((await joins(one.id, gone)).status).toBe(201);
    expect((await leaves(one.id, gone)).status).toBe(200);
    expect((await joins(one.id)).status).toBe(201);
    expect((await joins(one.id)).body).toMatchObject({ state: 'formed', members: 3 });
    // Its number holds.
    expect((await joins(two.id)).body.code).toBe('sold_out');
    expect(await get(`/campaigns/${id}`)).toMatchObject({
      issued: 4,
      redeemed: 3,
      spent: 100,
      reserved: 100,
    });
    await at.server.sql`update group_buy set expires_at = now() where id = ${two.id}`;
    expect((await joins(two.id)).body.code).toBe('group_over');
    await at.server.sql`update group_buy set expires_at = now() + interval '1 hour' where id = ${two.id}`;
    await expectSound();
  });

  it('opens nothing either while nobody watches the clock', async () => {
    const ids = [await running('group'), await running('bargain')];
    await at.server.sql`update campaign set ends_at = now() where id = any(${ids}::uuid[])`;
    for (const [i, path] of ['/groups', '/bargains'].entries())
      expect((await post(path, { campaignId: ids[i], memberId: member() })).body.code).toBe(
        'campaign_not_running',
      );
  });

  it('opens no bargain any more; those that are open are helped with and bought until their own deadline', async () => {
    const id = await running('bargain', { helpers: 2 });
    const one = await bargain(id);
    await helps(one.id);
    await end(id);
    expect((await post('/bargains', { campaignId: id, memberId: member() })).body.code).toBe(
      'campaign_not_running',
    );
    expect((await helps(one.id)).body).toMatchObject({ price: 1_990 });
    expect((await post<Bargain>(`/bargains/${one.id}/buy`)).body).toMatchObject({
      state: 'bought',
      boughtPrice: 1_990,
    });
    expect(await get(`/campaigns/${id}`)).toMatchObject({ redeemed: 1, spent: 8_010, reserved: 0 });
    await expectSound();
  });
});

describe('a campaign that is paused', () => {
  it('stops its groups and bargains too, while their time goes on', async () => {
    const [groups, bargains] = [await running('group'), await running('bargain')];
    const [one, two] = [await opened(groups), await bargain(bargains)];
    for (const id of [groups, bargains]) expect((await post(`/campaigns/${id}/pause`)).status).toBe(200);
    const stopped: { body: Problem }[] = [
      await joins(one.id),
      await helps(two.id),
      await post(`/bargains/${two.id}/buy`),
    ];
    expect(stopped.map(({ body }) => body.code)).toEqual(stopped.map(() => 'campaign_not_running'));
    for (const id of [groups, bargains]) await post(`/campaigns/${id}/resume`);
    expect((await joins(one.id)).status).toBe(201);
    expect((await helps(two.id)).status).toBe(201);
    await expectSound();
  });
});
