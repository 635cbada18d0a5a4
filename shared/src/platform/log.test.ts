import { describe, expect, it } from 'vitest';
import { createLog } from './log.ts';

function capture() {
  const lines: string[] = [];
  const log = createLog('test', 'info', { write: (line: string) => void lines.push(line) });
  return { log, last: () => JSON.parse(lines.at(-1) ?? '{}') as Record<string, unknown>, lines };
}

describe('createLog', () => {
  it('hides secrets at the top and two levels down', () => {
    const { log, lines } = capture();
    log.info(
      {
        password: 'p1',
        req: { headers: { authorization: 'Bearer p2', cookie: 'p3' } },
        member: { phone: 'p4' },
      },
      'x',
    );
    expect(lines.join()).not.toMatch(/p[1-4]/);
    expect(lines.join()).toContain('[hidden]');
  });

  it('logs errors with code and cause, and without the row that they were about', () => {
    const { log, last, lines } = capture();
    const error = Object.assign(new Error('duplicate key', { cause: new Error('why') }), {
      code: '23505',
      detail: 'Key (phone)=(13800000000) already exists.',
    });
    log.error({ err: error }, 'failed');
    expect(last()).toMatchObject({
      level: 'error',
      name: 'test',
      msg: 'failed',
      err: { code: '23505', cause: { message: 'why' } },
    });
    expect(lines.join()).not.toContain('13800000000');
  });
});
