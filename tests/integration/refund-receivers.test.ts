/** Whom the refunds of group-buys are asked of, and how much: by webhooks that listen, on real Postgres. */
import { describe, expect, it } from 'vitest';
import { removeEndpoint } from '@zhanggui/shared/delivery/endpoint-store.ts';
import chaseRefunds from '@zhanggui/workers/src/jobs/chase-refunds.ts';
import { groupCompany } from '../support/groups.ts';

const { at, told, get, endpoint, running, opened, joins, leaves, member, tell, order, step, work, deliver } =
  groupCompany();

type Asked = { orderId: string; amount: number; insteadOf?: string };
/** What was told of an order: to whom, as what, how much. */
const heard = (orderId: string) =>
  told.flatMap(({ to, type, data }) =>
    (data['refunds'] as Asked[])
      .filter((refund) => refund.orderId === orderId)
      .map(({ amount, insteadOf }) => [to, type, amount, ...(insteadOf ? [insteadOf] : [])].join(' ')),
  );
/** What the jobs do so many hours later, sent. */
const chase = async (hours: number) => {
  await work(chaseRefunds, hours);
  await deliver();
};

describe('a refund that is late', () => {
  it('is asked again of the one it was asked of, for what is still owed, and of another only when that one is gone', async () => {
    const { sql } = at.server;
    const first = await endpoint('first', 'refund.asked', 'refund.reminded');
    const one = await opened(await running('group'));
    const who = member();
    await joins(one.id, who, { orderId: 'o1' });
    await tell(order('o1', who), step('o1', 'paid'));
    await leaves(one.id, who);
    await chase(0);
    expect(heard('o1')).toEqual(['first refund.asked 990']);

    await endpoint('second', 'refund.asked', 'refund.reminded');
    await sql`update delivery_endpoint set enabled = false where name = 'first'`;
    await chase(1);
    expect(heard('o1')).toHaveLength(1);

    await sql`update delivery_endpoint set enabled = true where name = 'first'`;
    await tell(step('o1', 'refunded', { amount: 500, lines: [] }));
    await chase(1);
    expect(heard('o1').slice(1)).toEqual(['first refund.reminded 490']);
    const list = async () =>
      (
        await get<{ rows: { amount: number; left: number; receiver: string; reminders: number }[] }>(
          '/refund-requests',
        )
      ).rows;
    expect(await list()).toMatchObject([{ amount: 990, left: 490, receiver: 'first', reminders: 1 }]);

    await removeEndpoint(sql, first);
    await chase(26);
    expect(heard('o1').slice(2)).toEqual(['second refund.reminded 490 first']);
    expect(await list()).toMatchObject([{ receiver: 'second', reminders: 2 }]);

    await tell(step('o1', 'refunded', { amount: 490, lines: [] }));
    await chase(60);
    expect(heard('o1')).toHaveLength(3);
    expect(await list()).toMatchObject([{ left: 0, state: 'confirmed' }]);
  });

  it('is not asked for more than is owed when a part came back before anybody was told', async () => {
    const one = await opened(await running('group'));
    const who = member();
    await joins(one.id, who, { orderId: 'p1' });
    await tell(order('p1', who), step('p1', 'paid'));
    await leaves(one.id, who);
    await at.server.sql`update delivery_endpoint set enabled = false`;
    await chase(0);
    await at.server.sql`update delivery_endpoint set enabled = deleted_at is null`;
    await tell(step('p1', 'refunded', { amount: 90, lines: [] }));
    await chase(0);
    expect(heard('p1')).toEqual(['second refund.asked 900']);
  });
});
