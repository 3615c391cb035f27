import { createTestApp, type TestApp, type TestUser } from '@jackfield/core/test-kit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

interface CustomerView {
  readonly id: string;
  readonly name: string;
  readonly company: string;
  readonly status: string;
  readonly ownerUserId: string | null;
  readonly ownerName: string | null;
  readonly addresses: readonly {
    readonly id: string;
    readonly address: string | null;
    readonly displayAddress: string;
  }[];
}
interface ProblemView {
  readonly code: string;
  readonly detail: string;
  readonly details: { readonly customerId?: string; readonly customerName?: string };
  readonly errors?: readonly { readonly path: string }[];
}

let app: TestApp;
let admin: TestUser;
let amy: TestUser;
beforeAll(async () => {
  app = await createTestApp({ plugins: ['interactions', 'telephony', 'crm'], tenants: ['acme', 'globex'] });
  admin = await app.admin();
  amy = await app.user('amy');
});
afterAll(() => app.stop());

async function make(values: object, user = admin): Promise<CustomerView> {
  const { status, body } = await user.post<CustomerView>('/api/crm/customers', values);
  expect(status, JSON.stringify(body)).toBe(201);
  return body;
}
const phone = (value: string) => [{ channel: 'voice', value }];
const search = async (text: string, user = admin) =>
  (
    await user.get<{ items: CustomerView[] }>(`/api/crm/customers?search=${encodeURIComponent(text)}`)
  ).body.items.map((one) => one.name);
const audit = async (id: string) =>
  (
    await admin.get<{ items: { action: string; before: unknown; after: unknown }[] }>(
      `/api/core/audit?targetId=${id}`,
    )
  ).body.items;

describe('a customer', () => {
  it('is made, changed and deleted, each with an entry in the audit log that shows no number', async () => {
    const made = await make({ name: ' 王芳 ', company: 'Acme', addresses: phone('13700000001') });
    expect(made).toMatchObject({ name: '王芳', status: 'new', ownerUserId: admin.id, ownerName: 'Admin' });
    const changed = await amy.patch<CustomerView>(`/api/crm/customers/${made.id}`, { status: 'following' });
    expect(changed.body).toMatchObject({ status: 'following', company: 'Acme' });
    expect((await amy.delete(`/api/crm/customers/${made.id}`)).status).toBe(403);
    expect((await admin.delete(`/api/crm/customers/${made.id}`)).status).toBe(204);
    expect((await admin.get(`/api/crm/customers/${made.id}`)).status).toBe(404);
    const entries = await audit(made.id);
    expect(entries.map((entry) => entry.action)).toEqual([
      'customer.delete',
      'customer.update',
      'customer.create',
    ]);
    expect(JSON.stringify(entries)).not.toContain('13700000001');
    // Its number is free again.
    await make({ name: 'Next', addresses: phone('13700000001') });
  });

  it('is refused without a name, with a malformed number or an unknown owner, naming the field', async () => {
    const refused = async (body: object) => {
      const answer = await admin.post<ProblemView>('/api/crm/customers', body);
      expect(answer.status).toBe(422);
      return answer.body.errors?.map((error) => error.path);
    };
    expect(await refused({ name: '  ' })).toEqual(['body.name']);
    expect(await refused({ name: 'x', addresses: [...phone('13700000002'), ...phone('abc')] })).toEqual([
      'body.addresses.1.value',
    ]);
    expect(await refused({ name: 'x', ownerUserId: '01HZZZZZZZZZZZZZZZZZZZZZZZ' })).toEqual([
      'body.ownerUserId',
    ]);
    expect(await refused({ name: 'x', status: 'rich' })).toEqual(['body.status']);
  });

  it('shows numbers only to those who may see them', async () => {
    const { id } = await make({ name: 'Masked', addresses: phone('13700000003') });
    const seen = async (user: TestUser) =>
      (await user.get<CustomerView>(`/api/crm/customers/${id}`)).body.addresses[0];
    expect(await seen(admin)).toMatchObject({ address: '+8613700000003', displayAddress: '+8613700000003' });
    expect(await seen(amy)).toMatchObject({ address: null, displayAddress: '+86137****0003' });
  });

  it('is nobody’s in another tenant, where the same number may be another’s', async () => {
    const { id } = await make({ name: 'Ours', addresses: phone('13700000004') });
    const stranger = await app.admin('globex');
    expect((await stranger.get(`/api/crm/customers/${id}`)).status).toBe(404);
    expect((await stranger.patch(`/api/crm/customers/${id}`, { name: 'Theirs' })).status).toBe(404);
    expect(await search('Ours', stranger)).toEqual([]);
    await make({ name: 'Theirs', addresses: phone('13700000004') }, stranger);
  });
});

describe('a number that somebody has', () => {
  it('is refused for another, and says whose it is', async () => {
    const first = await make({ name: 'First', addresses: phone('13700000010') });
    const again = await amy.post<ProblemView>('/api/crm/customers', {
      name: 'Second',
      addresses: phone('+86 137-0000-0010'),
    });
    expect(again).toMatchObject({
      status: 409,
      body: { code: 'CONFLICT', details: { customerId: first.id, customerName: 'First' } },
    });
    expect(again.body.detail).not.toContain('13700000010');
    expect(await search('Second')).toEqual([]);
  });

  it('goes to one of two who save it at the same moment, and the other is told', async () => {
    const answers = await Promise.all(
      ['Left', 'Right'].map((name) =>
        admin.post<ProblemView & CustomerView>('/api/crm/customers', {
          name,
          addresses: phone('13700000011'),
        }),
      ),
    );
    expect(answers.map((answer) => answer.status).sort()).toEqual([201, 409]);
    const [won, lost] = [201, 409].map((status) => answers.find((answer) => answer.status === status)?.body);
    expect(lost?.details.customerId).toBe(won?.id);
  });

  it('is added to a customer once, and taken away again', async () => {
    const { id } = await make({ name: 'Two numbers', addresses: phone('13700000012') });
    const add = (value: string, user = amy) =>
      user.post<{ id: string }>(`/api/crm/customers/${id}/addresses`, { channel: 'voice', value });
    const added = await add('13700000013');
    expect(added.status).toBe(201);
    expect((await add('+8613700000013')).body.id).toBe(added.body.id);
    expect((await add('nonsense')).status).toBe(422);
    expect((await add('13700000010')).status).toBe(409);
    const path = `/api/crm/customers/${id}/addresses/${added.body.id}`;
    expect((await amy.delete(path)).status).toBe(204);
    expect((await amy.delete(path)).status).toBe(404);
    const other = await make({ name: 'Other', addresses: phone('13700000014') });
    expect((await amy.delete(`/api/crm/customers/${id}/addresses/${other.addresses[0]?.id}`)).status).toBe(
      404,
    );
  });
});

describe('the list of customers', () => {
  it('is searched by name, company, whole number and the last four digits', async () => {
    await make({ name: '孙悟空', company: 'Huaguo', addresses: phone('13712345678') });
    for (const text of ['悟空', 'huaguo', '13712345678', '+86 137-1234-5678', '5678']) {
      expect(await search(text, amy), text).toEqual(['孙悟空']);
    }
    expect(await search('100%', amy)).toEqual([]);
  });

  it('does not give a masked number away by searching for its parts', async () => {
    for (const part of ['1371234', '12345', '1234567']) {
      expect(await search(part, amy), part).toEqual([]);
      expect(await search(part, admin), part).toEqual(['孙悟空']);
    }
  });

  it('is paged and sorted, and filtered by owner and status', async () => {
    for (const n of [1, 2, 3]) await make({ name: `Page ${n}`, company: 'Paging', status: 'lost' }, amy);
    const url = '/api/crm/customers?status=lost&owner=me&sort=name&limit=2';
    const first = await amy.get<{ items: CustomerView[]; nextCursor: string; total: number }>(url);
    expect(first.body.items.map((one) => one.name)).toEqual(['Page 1', 'Page 2']);
    expect(first.body.total).toBe(3);
    const second = await amy.get<{ items: CustomerView[] }>(`${url}&cursor=${first.body.nextCursor}`);
    expect(second.body.items.map((one) => one.name)).toEqual(['Page 3']);
    expect((await admin.get<{ items: unknown[] }>(url)).body.items).toEqual([]);
    expect((await amy.get('/api/crm/customers?sort=remark')).status).toBe(400);
  });
});

describe('a tenant that switches the plugin off', () => {
  it('has its routes gone at once, and everything back later', async () => {
    const { id } = await make({ name: 'Stays', addresses: phone('13700000020') });
    await app.gate.disable(app.tenant('acme'), 'crm');
    const gone = await amy.get<ProblemView>(`/api/crm/customers/${id}`);
    expect(gone).toMatchObject({ status: 404, body: { code: 'PLUGIN_NOT_ENABLED' } });
    const ui = await amy.get<{ plugins: { id: string }[] }>('/api/core/ui');
    expect(ui.body.plugins.map((plugin) => plugin.id)).not.toContain('crm');
    await app.gate.enable(app.tenant('acme'), 'crm');
    expect((await amy.get<CustomerView>(`/api/crm/customers/${id}`)).body.name).toBe('Stays');
  });
});
