import type { InsertRowOf, Page, PageRequest, PatchOf, PluginData } from '../data/contract.ts';
import { JackfieldError } from '../errors/index.ts';
import { scope } from '../tenants/scope.ts';
import { User, type UserRow } from './entities/user.entity.ts';

type NewUser = InsertRowOf<typeof User>;

/** The only file that reads core_user. What serves a tenant takes the tenant from the scope; the rest says so. */
export interface UsersRepo {
  /** In the tenant of the scope, not deleted; NOT_FOUND else. */
  get(id: string): Promise<UserRow>;
  page(
    request: PageRequest,
    filter: { roleId?: string | undefined; disabled?: boolean | undefined },
  ): Promise<Page<UserRow>>;
  find(filter: { search?: string | undefined; ids?: readonly string[] | undefined }): Promise<UserRow[]>;
  countInRole(roleId: string): Promise<number>;
  insert(values: Omit<NewUser, 'tenantId'>): Promise<UserRow>;
  update(id: string, patch: PatchOf<NewUser>): Promise<UserRow>;
  /** In the tenant of the scope, deleted ones too: old calls name them. */
  getEver(id: string): Promise<UserRow>;

  /** By sign-in name, whatever the tenant; for signing in. */
  byAccount(account: string): Promise<UserRow | null>;
  /** By id, whatever the tenant; for a session or key already proved. Null when deleted. */
  byProvedId(id: string): Promise<UserRow | null>;
  /** For one's own row: sign-in time, password, language. */
  updateProved(id: string, patch: PatchOf<NewUser>): Promise<UserRow>;
  insertOperator(values: Omit<NewUser, 'tenantId' | 'roleId'>): Promise<UserRow>;
}

export function createUsersRepo(data: PluginData): UsersRepo {
  const repo = () => data.repo(User);
  const here = () => ({ tenantId: scope.tenantId(), deletedAt: null });
  const notFound = (id: string) => new JackfieldError('NOT_FOUND', undefined, { details: { user: id } });

  async function get(id: string): Promise<UserRow> {
    const row = await repo().findOne({ ...here(), id });
    if (!row) throw notFound(id);
    return row;
  }
  return {
    get,
    page: (request, filter) =>
      repo().page(request, {
        where: { ...here(), ...filter },
        sortable: ['username', 'name', 'createdAt', 'lastSignInAt'],
        searchable: ['username', 'name', 'email', 'mobile'],
        defaultSort: 'username',
      }),
    find: async ({ search, ids }) => {
      const matches = search
        ? { $or: [{ name: { contains: search } }, { username: { contains: search } }] }
        : {};
      const among = ids ? { id: { in: ids } } : {};
      return repo().find(
        { ...here(), ...among, ...matches },
        { orderBy: { username: 'asc' }, limit: 10_000 },
      );
    },
    countInRole: (roleId) => repo().count({ ...here(), roleId }),
    insert: (values) => repo().insert({ ...values, tenantId: scope.tenantId() }),
    async update(id, patch) {
      await get(id);
      return repo().update(id, patch);
    },
    async getEver(id) {
      const row = await repo().findOne({ tenantId: scope.tenantId(), id });
      if (!row) throw notFound(id);
      return row;
    },
    byAccount: (account) => repo().findOne({ account }),
    byProvedId: (id) => repo().findOne({ id, deletedAt: null }),
    updateProved: (id, patch) => repo().update(id, patch),
    insertOperator: (values) => repo().insert({ ...values, tenantId: null, roleId: null }),
  };
}
