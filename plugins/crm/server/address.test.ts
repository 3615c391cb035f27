import { describe, expect, it } from 'vitest';
import { addressChannel, addressOfContact, maskAddress, readAddress } from './address.ts';

const normalise = async (number: string) => (number.startsWith('+') ? number : `+86${number}`);
const read = (value: string, channel = 'voice') => readAddress({ channel, value }, normalise);

describe('an address', () => {
  it('is a number in E.164, kept as it was given too', async () => {
    expect(await read(' 138 0013-8000 ')).toEqual({
      channel: 'voice',
      address: '+8613800138000',
      asGiven: '138 0013-8000',
      tail: '8000',
    });
  });

  it('is an email in lower case, and whatever another channel calls its people', async () => {
    expect(await read('Li.Wei@Example.COM', 'email')).toMatchObject({ address: 'li.wei@example.com' });
    expect(await read('oX12_aB', 'wechat')).toMatchObject({ channel: 'wechat', address: 'oX12_aB' });
  });

  it('is refused with its reason when it cannot be one', async () => {
    expect(await read('   ')).toBe('addressEmpty');
    for (const wrong of ['abc', '+', '1', '1'.repeat(21), '138****8000', "1' OR 1=1"]) {
      expect(await read(wrong)).toBe('numberMalformed');
    }
    for (const wrong of ['li', 'li@', '@x.com', 'li@x', 'a b@x.com'])
      expect(await read(wrong, 'email')).toBe('emailMalformed');
    expect(await read('x'.repeat(129), 'wechat')).toBe('addressTooLong');
  });

  it('is one for calls and text messages', () => {
    expect(addressChannel('sms')).toBe('voice');
    const contact = { channel: 'sms', address: '+8613800138000', addressAsGiven: '' };
    expect(addressOfContact(contact)).toMatchObject({ channel: 'voice', asGiven: '+8613800138000' });
    expect(addressOfContact({ ...contact, address: '' })).toBeNull();
  });

  it('is masked on the way out', () => {
    expect(maskAddress('voice', '+8613800138000')).toBe('+86138****8000');
    expect(maskAddress('email', 'li.wei@example.com')).toBe('li****@example.com');
    expect(maskAddress('wechat', 'oX12_aB')).toBe('oX****');
  });
});
