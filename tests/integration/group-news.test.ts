/** What the shop is told when a group of ours forms or expires: by a webhook that listens, on real Postgres. */
import { describe, expect, it } from 'vitest';
import expireGroups from '@zhanggui/workers/src/jobs/expire-groups.ts';
import foldGroups from '@zhanggui/workers/src/jobs/fold-groups.ts';
import { groupCompany } from '../support/groups.ts';

const { at, told, get, endpoint, running, opened, joins, leaves, member, tell, bought, work, deliver } =
  groupCompany();

type News = { groupId: string; members: { memberId: string; orderId: string | null }[]; bonus: number };
const heard = (groupId: string) =>
  told.flatMap(({ to, type, data }) =>
    (data['groups'] as News[])
      .filter((news) => news.groupId === groupId)
      .map((news) => ({ to, type, ...news })),
  );

describe('the shop is told of a group', () => {
  it('that formed: who is in with which order, and what its leader gets; once', async () => {
    await endpoint('shop', 'group.formed', 'group.expired');
    await endpoint('later', 'group.formed', 'group.expired');
    const campaignId = await running('group', { leaderBonus: 300 }, { budget: 10_000 });
    const [leader, who, third, gone] = [member(), member(), member(), member()];
    const one = await opened(campaignId, leader, { orderId: 'n0' });
    expect(one).toMatchObject({ leader });
    await joins(one.id, gone);
    await leaves(one.id, gone);
    await joins(one.id, who);
    await tell(...bought('n1', who, one.id));
    await work(foldGroups);
    await work(expireGroups);
    await deliver();
    expect(heard(one.id)).toEqual([]);
    await joins(one.id, third);
    await Promise.all([work(expireGroups), work(expireGroups), work(expireGroups)]);
    await work(expireGroups);
    await deliver();
    expect(heard(one.id)).toEqual([
      {
        to: 'shop',
        type: 'group.formed',
        groupId: one.id,
        campaignId,
        because: 'full',
        at: expect.any(String),
        size: 3,
        virtual: 0,
        leader,
        bonus: 300,
        members: [
          { memberId: leader, orderId: 'n0' },
          { memberId: who, orderId: 'n1' },
          { memberId: third, orderId: null },
        ],
      },
    ]);
    expect(await get(`/groups/${one.id}`)).toMatchObject({ leader, bonus: 300 });
  });

  it('that was filled up at its deadline, or expired', async () => {
    const full = await opened(await running('group', { virtualFrom: 1 }));
    const over = await opened(await running('group', { leaderBonus: 300 }, { budget: 10_000 }));
    const empty = await opened(await running('group'), 'lonely');
    await leaves(empty.id, 'lonely');
    await work(expireGroups, 25);
    await deliver();
    expect(heard(full.id)).toMatchObject([{ type: 'group.formed', because: 'filled', virtual: 2, bonus: 0 }]);
    // A bonus is for a group that forms.
    expect(heard(over.id)).toMatchObject([
      { type: 'group.expired', because: 'time', virtual: 0, bonus: 0, members: [{ memberId: over.leader }] },
    ]);
    expect(heard(empty.id)).toMatchObject([
      { type: 'group.expired', because: 'left', leader: null, members: [] },
    ]);
  });

  it('also when nobody listened at that moment, but not of what is long over', async () => {
    const { sql } = at.server;
    await sql`update delivery_endpoint set enabled = false`;
    const [soon, late] = [await opened(await running('group')), await opened(await running('group'))];
    await work(expireGroups, 25);
    await sql`update group_buy set ended_at = now() - interval '8 days' where id = ${late.id}`;
    await sql`update delivery_endpoint set enabled = true`;
    await work(expireGroups, 25);
    await deliver();
    expect(heard(soon.id)).toHaveLength(1);
    expect(heard(late.id)).toHaveLength(0);
  });

  it('up to some hundred members in a message', async () => {
    const campaignId = await running('group', { size: 2 });
    const before = told.length;
    const made = await Promise.all(Array.from({ length: 260 }, () => opened(campaignId)));
    await Promise.all(made.map(({ id }) => joins(id)));
    await work(expireGroups);
    await deliver();
    const messages = told.slice(before).map(({ data }) => (data['groups'] as News[]).length);
    expect(messages.toSorted((a, b) => b - a)).toEqual([250, 10]);
  });
});
