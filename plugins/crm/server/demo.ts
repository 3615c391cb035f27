import type { HookTap } from '@jackfield/core/sdk';
import type { Customers } from './customers.ts';

/** Invented people, with numbers of ranges nobody has where there are such. */
const PEOPLE = [
  {
    name: '林晓雯',
    company: '蓝湖家居',
    status: 'customer',
    source: 'website',
    remark: '喜欢下午联系。上次咨询过沙发的送货时间。',
    addresses: [
      { channel: 'voice', value: '+8613800138000' },
      { channel: 'email', value: 'lin.xiaowen@example.com' },
    ],
  },
  {
    name: '赵启明',
    company: '启明电子',
    status: 'following',
    source: 'referral',
    remark: '正在比较两家供应商，月底前决定。',
    addresses: [{ channel: 'voice', value: '+8613900139000' }],
  },
  {
    name: '欧阳静',
    company: '',
    status: 'new',
    source: 'inbound-call',
    remark: '',
    addresses: [{ channel: 'voice', value: '+8613700137000' }],
  },
  {
    name: 'Harriet Wells',
    company: 'Fern & Wells',
    status: 'customer',
    source: 'event',
    remark: 'Speaks English only. Invoices go to the London office.',
    addresses: [
      { channel: 'voice', value: '+442079460123' },
      { channel: 'email', value: 'harriet@example.org' },
    ],
  },
  {
    name: '孟凡',
    company: '北岸物流',
    status: 'lost',
    source: 'outbound-call',
    remark: '预算取消，半年后再联系。',
    addresses: [{ channel: 'voice', value: '+8613600136000' }],
  },
] as const;

/** Customers of the demo tenant, shared out among its agents. */
export function demoCustomers(customers: Customers): HookTap<'core:demo'> {
  return async ({ users, hints }) => {
    const agents = users.filter((user) => user.role === 'agent');
    for (const [at, { addresses, ...person }] of PEOPLE.entries()) {
      const owner = agents[at % Math.max(1, agents.length)];
      const known = await Promise.all(addresses.map((one) => customers.check(one, 'demo')));
      await customers.create({ ...person, ownerUserId: owner?.id ?? null }, known);
    }
    hints.push(`Known customer: ${PEOPLE[0].name}, +8613800138000`);
  };
}
