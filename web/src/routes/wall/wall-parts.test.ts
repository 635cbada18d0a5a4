import { describe, expect, it, vi } from 'vitest';
import { HandTimers } from '#lib/testing/timers.ts';
import { familyOf, scaleOf } from './canvas.svelte.ts';
import { isNight } from './night.svelte.ts';
import { Pairing } from './pairing.svelte.ts';
import { Rotation } from './rotation.svelte.ts';
import { pixelShift } from './always-on.ts';
import { knownScenes } from './scenes.ts';

describe('the canvas', () => {
  it.each([
    [1920, 1080, 'landscape', 1],
    [3840, 2160, 'landscape', 2],
    [5120, 1440, 'wide', 4 / 3],
    [1080, 1920, 'portrait', 1],
    [1280, 1024, 'landscape', 2 / 3],
    [2560, 1080, 'landscape', 1],
  ])('%d × %d is %s', (width, height, family, scale) => {
    expect(familyOf(width, height)).toBe(family);
    expect(scaleOf(width, height)).toBeCloseTo(scale);
  });
});

describe('night', () => {
  const night = { on: true, from: '22:30', to: '07:00' };
  it.each([
    ['22:29', false],
    ['22:30', true],
    ['03:00', true],
    ['06:59', true],
    ['07:00', false],
  ])('at %s: %s', (time, is) => expect(isNight(time, night)).toBe(is));
  it('within one day', () => expect(isNight('13:00', { on: true, from: '12:00', to: '14:00' })).toBe(true));
  it('not when it is off, nor with equal ends', () => {
    expect(isNight('03:00', { ...night, on: false })).toBe(false);
    expect(isNight('03:00', { on: true, from: '03:00', to: '03:00' })).toBe(false);
  });
});

describe('rotation', () => {
  const rotating = (count: number) => {
    const time = new HandTimers();
    const rotation = new Rotation(time);
    rotation.set(count, 30);
    return { time, rotation };
  };
  it('goes round', () => {
    const { time, rotation } = rotating(3);
    const seen = [0, 1, 2, 3].map(() => {
      const { index } = rotation;
      time.pass(30_000);
      return index;
    });
    expect(seen).toEqual([0, 1, 2, 0]);
  });
  it('with one scene does nothing at all', () => {
    const { time, rotation } = rotating(1);
    expect([rotation.active, time.waiting]).toEqual([false, 0]);
  });
  it('rests while paused, and gives the scene its whole time again', () => {
    const { time, rotation } = rotating(2);
    time.pass(29_000);
    rotation.togglePause();
    time.pass(300_000);
    expect(rotation.index).toBe(0);
    rotation.togglePause();
    time.pass(29_000);
    expect(rotation.index).toBe(0);
    time.pass(1000);
    expect(rotation.index).toBe(1);
  });
  it('steps both ways by key, and starts the time anew', () => {
    const { time, rotation } = rotating(3);
    time.pass(29_000);
    rotation.step(-1);
    expect(rotation.index).toBe(2);
    time.pass(29_000);
    expect(rotation.index).toBe(2);
  });
  it('stays within what there is when scenes are taken away', () => {
    const { rotation } = rotating(3);
    rotation.step(-1);
    rotation.set(2, 30);
    expect(rotation.index).toBe(1);
  });
});

it('shows the overview where it was given only scenes that this build does not know', () =>
  expect(knownScenes(['livestream-of-the-future'])).toEqual(['overview']));

it('moves the picture by a few pixels, once a minute', () => {
  const minutes = Array.from({ length: 60 }, (_, i) => pixelShift(i * 60_000));
  expect(pixelShift(59_999)).toEqual(pixelShift(0));
  expect(Math.max(...minutes.flatMap(({ x, y }) => [Math.abs(x), Math.abs(y)]))).toBeLessThanOrEqual(4);
  expect(new Set(minutes.map(({ x, y }) => `${x},${y}`)).size).toBe(10);
});

describe('pairing', () => {
  const opened = { id: 'p1', code: '7K3R9X', secret: 's3cret', expiresAt: '2026-03-01T00:10:00Z' };
  const json = (body: unknown, status = 200) =>
    new Response(JSON.stringify(body), { status, headers: { date: 'Sun, 01 Mar 2026 00:00:00 GMT' } });

  function pairing(answers: (Response | Error)[]) {
    const time = new HandTimers();
    const paired = vi.fn();
    const ask = vi.fn<typeof fetch>(() => {
      const answer = answers.shift();
      return answer instanceof Error || !answer
        ? Promise.reject(answer ?? new Error('no more'))
        : Promise.resolve(answer);
    });
    const made = new Pairing(paired, time, ask);
    made.start();
    const settle = () => vi.waitFor(() => expect(time.waiting + paired.mock.calls.length).toBeGreaterThan(0));
    return {
      made,
      time,
      ask,
      paired,
      settle,
      round: async () => (await settle(), time.pass(3000), await settle()),
    };
  }

  it('shows the code, and keeps the secret for its own questions', async () => {
    const { made, ask, settle, round } = pairing([json(opened), json({ state: 'pending' })]);
    await settle();
    expect(made.code).toBe('7K3R9X');
    expect(made.secondsLeft).toBe(600);
    await round();
    expect(ask).toHaveBeenLastCalledWith('/api/v1/wall-pairings/p1', {
      headers: { 'x-pairing-secret': 's3cret' },
    });
  });
  it('ends when an administrator has entered it', async () => {
    const { time, paired, settle, round } = pairing([json(opened), json({ state: 'paired', name: 'HQ' })]);
    await settle();
    await round();
    expect(paired).toHaveBeenCalledOnce();
    expect(time.waiting).toBe(0);
  });
  it('asks for a new code when the old one is gone', async () => {
    const { made, settle, round } = pairing([
      json(opened),
      json({}, 404),
      json({ ...opened, code: 'NEW222' }),
    ]);
    await settle();
    await round();
    expect(made.code).toBeNull();
    await round();
    expect(made.code).toBe('NEW222');
  });
  it('goes on when the server was away', async () => {
    const { made, settle, round } = pairing([new Error('away'), json(opened)]);
    await settle();
    expect(made.failed).toBe(true);
    await round();
    expect([made.failed, made.code]).toEqual([false, '7K3R9X']);
  });
});
