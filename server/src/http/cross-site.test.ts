import { describe, expect, it } from 'vitest';
import { isOwnOrigin, isSameOrigin } from './cross-site.ts';

const PUBLIC = 'https://shop.example';

describe('an origin is ours', () => {
  it.for([
    ['http://localhost:3000', 'localhost:3000', true],
    ['https://shop.example', '10.0.0.5:3000', true],
    ['https://shop.example:443', '10.0.0.5:3000', true],
    ['http://192.168.1.7:3000', '192.168.1.7:3000', true],
    ['http://localhost:3001', 'localhost:3000', false],
    ['https://evil.example', 'localhost:3000', false],
    ['https://shop.example.evil.example', 'shop.example', false],
    ['https://notshop.example', 'shop.example', false],
    ['null', 'localhost:3000', false],
    ['null', 'null', false],
    ['', 'localhost:3000', false],
    ['file://', 'localhost:3000', false],
    ['https://evil.example', undefined, false],
  ] as const)('%s at host %s: %s', ([origin, host, ours]) => {
    expect(isOwnOrigin(origin, host, PUBLIC)).toBe(ours);
  });
});

describe('a browser says who asked', () => {
  it('by Sec-Fetch-Site first, which no page can set', () => {
    const host = 'shop.example';
    expect(isSameOrigin({ 'sec-fetch-site': 'same-origin', host }, PUBLIC)).toBe(true);
    expect(isSameOrigin({ 'sec-fetch-site': 'none', host }, PUBLIC)).toBe(true);
    expect(isSameOrigin({ 'sec-fetch-site': 'same-site', origin: PUBLIC, host }, PUBLIC)).toBe(false);
    expect(isSameOrigin({ 'sec-fetch-site': 'cross-site', host }, PUBLIC)).toBe(false);
  });

  it('by Origin where the browser is too old, and not at all where it is none', () => {
    expect(isSameOrigin({ origin: 'https://evil.example', host: 'shop.example' }, PUBLIC)).toBe(false);
    expect(isSameOrigin({ host: 'shop.example' }, PUBLIC)).toBe(true);
  });
});
