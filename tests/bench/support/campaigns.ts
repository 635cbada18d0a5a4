/** Members and campaigns for benches. */
import type { Sql } from '@zhanggui/shared/platform/database.ts';

export async function makeMembers(sql: Sql, howMany: number): Promise<void> {
  await sql`
    insert into member (id, consents) select 'm' || n, '{"sms": true}' from generate_series(1, ${howMany}::int) n`;
}

/** Makes, approves and launches a campaign of ¥5 coupons; answers its id. The company lets one person decide. */
export async function launchCampaign(
  { url, key }: { url: string; key: string },
  more: Record<string, unknown>,
): Promise<string> {
  const post = async (path: string, body?: object): Promise<{ id: string }> => {
    const answer = await fetch(`${url}/api/v1/campaigns${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(await answer.text());
    return (await answer.json()) as { id: string };
  };
  const template = {
    title: '¥5',
    offer: { kind: 'amount', off: 500 },
    validity: { kind: 'days', days: 30 },
  };
  const { id } = await post('', { kind: 'coupon', name: 'bench', template, ...more });
  await post(`/${id}/approve`);
  await post(`/${id}/launch`);
  return id;
}

/** No second person, so that a bench can approve what it made. */
export async function letApprove(sql: Sql): Promise<void> {
  await sql`update campaign_rule set approval_above = 1000000000000`;
}
