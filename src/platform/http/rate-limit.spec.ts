import { describe, expect, it } from '@jest/globals';
import { clientAddress } from './rate-limit.ts';

describe('clientAddress', () => {
  it.each([
    ['203.0.113.9', '203.0.113.9'],
    ['::ffff:203.0.113.9', '203.0.113.9'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8::6', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::', 'fe80:0:0:0::/64'],
  ])('counts %s under %s', (ip, expected) => {
    expect(clientAddress(ip)).toBe(expected);
  });
});
